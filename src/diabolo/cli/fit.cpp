// fit DATA -o RUN: from data to a run folder with a model.
#include <diabolo/apps/fit.h>
#include <diabolo/cli/config.h>
#include <diabolo/cli/fit_options.h>
#include <diabolo/cli/progress.h>
#include <diabolo/cli/run_folder.h>
#include <diabolo/cli/stop_signals.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/data/read.h>
#include <diabolo/train/defaults.h>

#include <algorithm>
#include <cmath>

namespace diabolo::cli {
namespace {

/// What the configuration file and the command line say. False: there is nothing more to do.
bool take_options(Arguments arguments, const Options& options, FitRequest& request,
                  const Components& components) {
  const std::optional<Values> given = options.collect(arguments);
  if (!given) return false;
  if (const auto config = given->find("config"); config != given->end()) {
    Values file = read_config(config->second, options.settings());
    drop_overridden(file, *given);
    options.apply(file, config->second);
    request.given = std::move(file);
  }
  options.apply(*given);
  for (const auto& [name, text] : *given) request.given[name] = text;
  request.options.seed = request.common.seed;
  request.options.threads = request.common.threads;
  request.options.missing = request.input.nan_is_missing();
  if (list_choices(request.options, components)) return false;
  options.require_arguments();
  if (request.run.empty())
    throw UsageError("expected -o RUN, a folder for the run, got none; e.g. -o runs/first");
  as_usage([&] { check_options(request.options, components); });
  return true;
}

std::string config_of(const ModelData& model, const FitRequest& request, const Options& options) {
  Values values = as_options(model.settings);
  values["threads"] = fmt::format("{}", request.options.threads);
  if (!request.valid_file.empty()) values["valid"] = request.valid_file;
  // How the data were read, and what was said of their columns: no setting of the model.
  for (const char* name : {"csv", "query", "missing", "kind", "drop", "schema"})
    if (const auto known = request.given.find(name); known != request.given.end())
      values.insert(*known);
  if (const auto known = request.given.find("likelihood");
      known != request.given.end() && !model.schema.empty())
    values.insert(*known);
  return "# Every setting in force. Again: diabolo fit DATA -o RUN --config config.toml\n" +
         format_config(values, options.settings());
}

/// Rows to show in pictures: those that the model was not trained on, if there are any.
Dataset examples_of(const Dataset& data, const Dataset* valid, const FitOptions& options) {
  constexpr std::size_t kMost = 32;
  if (valid) return valid->rows(0, std::min<std::int64_t>(valid->size(), kMost));
  const auto [trained, held_out] =
      split_rows(data.size(), valid_fraction(options, data), options.seed);
  std::vector<std::int64_t> rows = held_out.empty() ? trained : held_out;
  rows.resize(std::min(rows.size(), kMost));
  return data.select(rows);
}

Json as_json(const EpochRecord& r) {
  return {{"epoch", r.epoch},
          {"step", r.step},
          {"loss", r.loss},
          {"log_px", r.log_px},
          {"kl", r.kl},
          {"valid_loss", r.valid_loss},
          {"valid_log_px", r.valid_log_px},
          {"valid_kl", r.valid_kl},
          {"active_units", r.active_units}};
}

/// The epoch whose weights the model has; the last if none was called best; null if none was over.
const EpochRecord* kept_epoch(const ModelData& model) {
  for (const EpochRecord& record : model.history)
    if (record.epoch == model.best_epoch) return &record;
  return model.history.empty() ? nullptr : &model.history.back();
}

std::string told(const ModelData& model, const EpochRecord* kept, double seconds) {
  if (!kept) return "ended within the first epoch: the weights are those of its last step";
  return fmt::format(
      "{} epochs in {}; best was epoch {}: loss {:.5g}{}, {} of {} latents active",
      model.history.size(), clock_time(seconds), kept->epoch, kept->loss,
      std::isnan(kept->valid_loss) ? "" : fmt::format(", valid {:.5g}", kept->valid_loss),
      kept->active_units, model.latent());
}

void print_result(const ModelData& model, const FitRequest& request, const RunFolder& folder,
                  double seconds, int signal) {
  const EpochRecord* kept = kept_epoch(model);
  if (request.common.json)
    return print_json({{"run", request.run},
                       {"model", folder.file("model.safetensors")},
                       {"epochs", model.history.size()},
                       {"best_epoch", kept ? Json(kept->epoch) : Json(nullptr)},
                       {"seconds", seconds},
                       {"stopped_by_signal", signal == 0 ? Json(nullptr) : Json(signal)},
                       {"best", kept ? as_json(*kept) : Json(nullptr)},
                       {"last", kept ? as_json(model.history.back()) : Json(nullptr)}});
  if (request.common.quiet) return;
  const std::string run = shell_word(request.run), data = shell_word(request.input.path());
  print(
      fmt::format("\n{}\nthe model is {}\n\nnext:\n"
                  "  diabolo evaluate {} {}\n  diabolo sample {} -n 64 {}\n"
                  "  diabolo encode {} {} -o codes.npy\n",
                  told(model, kept, seconds), folder.file("model.safetensors"), run, data, run,
                  model.is_image ? "-o samples.png" : "-o samples.csv", run, data));
}

}  // namespace

int fit(Arguments arguments) {
  const Components components;
  FitRequest request;
  const Options options = fit_options(request, components);
  if (!take_options(arguments, options, request, components)) return 0;

  RunFolder folder(request.run, request.overwrite);
  const Dataset data = request.input.read(request.columns.request());
  if (data.schema) say_lines(describe(*data.schema));
  std::optional<Dataset> valid;
  if (!request.valid_file.empty()) valid = request.input.like(request.valid_file).read(data.schema);

  const StopSignals signals;
  Progress progress;
  double seconds = 0;
  FitExtras extras;
  extras.valid = valid ? &*valid : nullptr;
  extras.hooks.on_epoch = [&](const EpochReport& report) {
    folder.append(report);
    progress.epoch(report);
    seconds = report.seconds;
    return signals.received() == 0;
  };
  extras.hooks.should_stop = [&] {
    progress.step();
    return signals.received() != 0;
  };
  extras.hooks.on_partial_epoch = [&](double loss, std::int64_t epoch, std::int64_t epochs) {
    progress.partial_epoch(loss, epoch, epochs);
    return signals.received() == 0;
  };
  std::string profile;
  if (request.profile) extras.hooks.on_profile = [&](const std::string& text) { profile = text; };

  const Model model = diabolo::fit(data, request.options, extras);
  progress.end();
  folder.save(model, config_of(model.data(), request, options));
  if (model.data().is_image) {
    try {
      const Dataset examples = examples_of(data, extras.valid, request.options);
      folder.save_pictures(model, examples, request.options.seed);
    } catch (const Error& error) {
      warn(fmt::format("the model is saved, its pictures are not: {}", error.message()));
    }
  }
  if (!profile.empty()) say_lines(profile);
  if (signals.received() != 0)
    say(fmt::format("stopped by {}; the best model so far is saved", signals.name()));
  print_result(model.data(), request, folder, seconds, signals.received());
  return signals.exit_code();
}

}  // namespace diabolo::cli
