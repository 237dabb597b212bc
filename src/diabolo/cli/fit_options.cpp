#include <diabolo/cli/fit_options.h>
#include <diabolo/cli/make_report.h>
#include <diabolo/cli/resume.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/models/presets.h>
#include <diabolo/nn/dense.h>
#include <diabolo/train/defaults.h>
#include <fmt/format.h>

namespace diabolo::cli {
namespace {

template <class T>
Family family_of(std::string name, const ComponentTable<T>& table) {
  Family family{std::move(name), {}};
  for (const auto& entry : table.entries())
    family.members.push_back({entry.name, entry.summary, entry.settings});
  return family;
}

template <class Range, class Name>
std::string names_of(const Range& range, Name name) {
  std::string list;
  for (const auto& entry : range) list += (list.empty() ? "" : ", ") + name(entry);
  return list;
}

/// A fraction of the rows, or a file with others.
Setter into_valid(FitRequest& request) {
  return [&request](std::string_view label, const std::string& text) {
    const std::optional<double> fraction = parse_number(label, text);
    if (!fraction && text.empty())
      throw UsageError(fmt::format("expected a fraction or a file for {}, got ''", label));
    request.valid_file = fraction ? "" : text;
    request.options.valid = fraction;
  };
}

Setter into_component(FitOptions& options, std::string name) {
  return [&options, name = std::move(name)](std::string_view label, const std::string& text) {
    if (text.empty()) throw UsageError(fmt::format("expected a value for {}, got ''", label));
    options.components[name] = text;
  };
}

// `--prior mixture`, `--prior.components 10`. The likelihood's own name is an option of its own.
void add_components(Options& options, FitOptions& to, const Components& components) {
  options.group("components ('--FAMILY help' lists them)");
  for (const Family& family : families(components)) {
    if (family.name != "likelihood")
      options.option({.name = family.name,
                      .placeholder = "NAME",
                      .help = names_of(family.members, [](const Member& m) { return m.name; }),
                      .fallback = "the model's",
                      .is_setting = true},
                     into_component(to, family.name));
    std::vector<std::string> seen;
    for (const Member& member : family.members)
      for (const SettingInfo& setting : member.settings) {
        const std::string name = family.name + "." + setting.name;
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
        seen.push_back(name);
        options.option({.name = name,
                        .placeholder = setting.widths               ? "N,..."
                                       : setting.low < setting.high ? "X"
                                                                    : "NAME",
                        .help = fmt::format("of {}: {}", member.name, setting.help),
                        .fallback = family.name == "encoder" || family.name == "decoder"
                                        ? ""
                                        : to_string(setting.fallback),
                        .is_setting = true},
                       into_component(to, name));
      }
  }
}

void add_model(Options& options, FitRequest& request, const Components& components) {
  FitOptions& o = request.options;
  const auto words = [](const std::vector<std::string>& list) {
    return names_of(list, [](const std::string& word) { return word; });
  };
  const auto add = [&](std::string name, std::string placeholder, std::string help,
                       std::string fallback, Setter set) {
    options.option(
        {std::move(name), std::move(placeholder), std::move(help), std::move(fallback), 0, true},
        std::move(set));
  };
  options.group("the model");
  add("model", "NAME",
      names_of(presets(), [](const Preset& p) { return p.name; }) + "; 'help' says more", o.model,
      into(o.model));
  add("latent", "N", "latent dimensions", "from the data: 2 to 32", into(o.latent));
  add("hidden", "N,N,...", "widths of the encoder's layers; the decoder mirrors them",
      "from the data: 64 to 512", into(o.hidden));
  add("decoder-hidden", "N,N,...", "widths of the decoder's layers",
      "those of the encoder, mirrored", into(o.decoder_hidden));
  add("activation", "NAME", words(activation_names()), o.activation, into(o.activation));
  options.option(
      {.name = "likelihood",
       .placeholder = "NAME",
       .help = names_of(components.likelihoods.entries(),
                        [](const auto& entry) { return entry.name; }) +
               ", or auto: bernoulli for 0/1 and binarised data, else normal; of a column of a "
               "table COLUMN=NAME, and may be repeated",
       .fallback = o.likelihood,
       .is_setting = true,
       .is_list = true},
      request.columns.into_likelihood(components.likelihoods, &o.likelihood));
  add("scale", "MODE",
      "auto: bytes are divided by 255, floats standardised per column (not for bernoulli); or none",
      o.scale, into(o.scale));
  add("binarize", "MODE",
      "dynamic draws pixels as 0 or 1 afresh at each presentation, threshold cuts at 1/2; or none",
      o.binarize, into(o.binarize));
  add("beta", "X", "weight of the KL term", "the model's, mostly 1; 0.5 for vae on tables",
      into(o.beta));
  add("beta-warmup", "EPOCHS", "the weight rises linearly from 0 over so many epochs",
      "from the data: 0 for pictures", into(o.beta_warmup));
  add("kl-limit", "NATS", "the best reconstruction with KL <= NATS, by a multiplier", "none",
      into(o.kl_limit));
}

void add_training(Options& options, FitRequest& request) {
  FitOptions& o = request.options;
  const auto add = [&](std::string name, std::string placeholder, std::string help,
                       std::string fallback, Setter set) {
    options.option(
        {std::move(name), std::move(placeholder), std::move(help), std::move(fallback), 0, true},
        std::move(set));
  };
  options.group("training");
  add("epochs", "N", "upper limit", "from the data: 10 to 1000", into(o.epochs));
  add("patience", "N",
      "stop after N epochs without a better validation loss, or where the rate falls let "
      "it fall to 0 in N more, from the best weights; 0: never",
      "10, for tables at least an eighth of the epochs", into(o.patience, 0));
  add("valid", "FILE|FRACTION", "rows for validation: a file, or a part of DATA; 0: none",
      "0.1, 0 for few rows with missing values", into_valid(request));
  add("batch-size", "N", "rows a step", "from the data: 32 to 512", into(o.batch_size));
  add("learning-rate", "X", "of the first step", "0.001, 0.002 for tables", into(o.learning_rate));
  add("optimizer", "NAME", "adam, adamw", "adam, adamw for tables below 2,000 rows",
      into(o.optimizer));
  add("schedule", "NAME", "constant, linear, cosine: the learning rate stays or falls to 0",
      "constant, cosine for tables", into(o.schedule));
  add("weight-decay", "X", "of adamw", "0.01, 0.1 for tables below 2,000 rows",
      into(o.weight_decay));
  add("clip-norm", "X",
      "largest norm of the gradient; 0: no limit; auto: 30 times the mean of the steps before",
      "auto", or_auto(o.clip_norm));
  add("trim", "SHARE",
      "after a quarter of the epochs leave out this share of the rows, the least likely: of data "
      "with anomalies in them less is learned of these",
      "0, 0.05 for arrays of numbers", into(o.trim));
  add("partial", "MODE",
      "on trains a second encoder for rows with missing values, which impute, predict and sample "
      "--given need; or off",
      "on for tables and with --missing nan", into(o.partial));
  add("mode", "NAME",
      "fast, or reproducible: the same bits for every number of threads on every x86-64 processor",
      o.mode, into(o.mode));
  add("precision", "NAME",
      "f32, or bf16: large products of training in bfloat16, faster where the processor has it",
      o.precision, into(o.precision));
}

}  // namespace

std::vector<Family> families(const Components& components) {
  return {family_of("encoder", components.networks),
          family_of("posterior", components.posteriors),
          family_of("prior", components.priors),
          family_of("decoder", components.networks),
          family_of("likelihood", components.likelihoods),
          family_of("objective", components.objectives)};
}

Options fit_options(FitRequest& request, const Components& components) {
  Options options(
      {.verb = "fit",
       .purpose = std::string(purpose("fit")),
       .usage = "DATA -o RUN [options]",
       .details =
           "RUN is a folder. It gets model.safetensors (all that the other verbs need), "
           "metrics.csv (a line an\nepoch), config.toml (every setting in force), "
           "schema.json, checkpoint.safetensors, report.html, and\npictures/ if the rows are "
           "pictures. "
           "Ctrl-C ends the training and keeps the best model so far. However it was "
           "ended:\n  diabolo fit --resume RUN            goes on from the checkpoint, to "
           "the same model\n  diabolo fit DATA -o RUN --resume    starts, goes on, or is "
           "done already: a line to run again and again",
       .example =
           "  diabolo fit train.npy -o runs/first\n"
           "  diabolo fit train-images-idx3-ubyte.gz -o runs/clothes --hidden 400 --latent "
           "20 --binarize dynamic\n"
           "  leaves runs/clothes/model.safetensors, runs/clothes/pictures/samples.png, ..."});
  request.input.add_to(options, false);
  options.option({.name = "output",
                  .placeholder = "RUN",
                  .help = "the folder of the run; made if it is not there",
                  .letter = 'o'},
                 into(request.run));
  options.flag("overwrite", "replace the files of an earlier run in RUN (and no others)",
               request.overwrite);
  options.flag(
      "resume",
      "go on with the run in RUN, if there is one; of its settings --epochs may be raised, "
      "--threads, --checkpoint-every and --labels changed",
      request.resume);
  options.option({.name = "checkpoint-every",
                  .placeholder = "TIME",
                  .help = "how often the training is saved, like 30s, 5m, 1h; also at each stop",
                  .fallback = kCheckpointEvery,
                  .is_setting = true},
                 into_seconds(request.checkpoint_every));
  options.option({.name = "init",
                  .placeholder = "MODEL",
                  .help = "begin with this model's weights, columns and composition: more data, or "
                          "fine tuning",
                  .is_setting = true},
                 into(request.init));
  options.option({.name = "config",
                  .placeholder = "FILE",
                  .help = "settings in TOML by the same names, components as tables, like a run's "
                          "config.toml; the command line wins"},
                 into(request.config));
  options.option({.name = "labels",
                  .placeholder = "FILE|COLUMN",
                  .help = std::string(kLabelsHelp),
                  .is_setting = true},
                 into(request.labels));
  options.flag("no-report", "leave out report.html", request.no_report);
  options.flag("profile", "at the end, where the time of a training step goes", request.profile);
  options.group("columns of a table (diabolo info DATA shows what is chosen)");
  request.columns.add_to(options);
  add_model(options, request, components);
  add_training(options, request);
  add_components(options, request.options, components);
  options.common(request.common);
  return options;
}

void settle(FitRequest& request, const Components& components) {
  request.options.seed = request.common.seed;
  request.options.threads = request.common.threads;
  request.options.missing = request.input.nan_is_missing();
  as_usage([&] { check_options(request.options, components); });
}

bool list_choices(const FitOptions& options, const Components& components) {
  std::string text;
  const auto line = [&](const std::string& name, const std::string& summary) {
    text += fmt::format("{:<16} {}\n", name, summary);
  };
  if (options.model == "help")
    for (const Preset& preset : presets()) line(preset.name, preset.summary);
  for (const Family& family : families(components)) {
    const auto given = options.components.find(family.name);
    const bool asked = given != options.components.end() && given->second == "help";
    if (!asked && !(family.name == "likelihood" && options.likelihood == "help")) continue;
    for (const Member& member : family.members) {
      line(member.name, member.summary);
      for (const SettingInfo& setting : member.settings)
        line(fmt::format("  --{}.{}", family.name, setting.name),
             fmt::format("{} (default: {})", setting.help, to_string(setting.fallback)));
    }
  }
  if (!text.empty()) print(text);
  return !text.empty();
}

}  // namespace diabolo::cli
