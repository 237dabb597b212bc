#include <diabolo/base/nearest.h>
#include <diabolo/data/schema.h>
#include <diabolo/kernels/bf16.h>
#include <diabolo/models/presets.h>
#include <diabolo/train/defaults.h>
#include <diabolo/train/rows.h>
#include <diabolo/train/sizing.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diabolo {
namespace {

void check_word(std::string_view option, const std::string& value,
                const std::vector<std::string>& words) {
  check(std::find(words.begin(), words.end(), value) != words.end(), ErrorCode::invalid_argument,
        option, "expected --{} to be one of its words, got '{}'{}", option, value,
        suggestion(value, words));
}

void check_number(std::string_view option, double value, double low, double high) {
  check(value >= low && value <= high, ErrorCode::invalid_argument, option,
        "expected --{} between {} and {}, got {}", option, low, high, value);
}

void check_values(const FitOptions& o) {
  constexpr double kMost = 1e9;
  if (o.latent) check_number("latent", static_cast<double>(*o.latent), 1, 1 << 20);
  // The history of all is part of every checkpoint and of the model.
  if (o.epochs) check_number("epochs", static_cast<double>(*o.epochs), 1, 100000);
  if (o.batch_size) check_number("batch-size", static_cast<double>(*o.batch_size), 1, 1 << 20);
  if (o.beta) check_number("beta", *o.beta, 0, 1e6);
  if (o.beta_warmup) check_number("beta-warmup", *o.beta_warmup, 0, kMost);
  if (o.kl_limit) check_number("kl-limit", *o.kl_limit, 1e-3, 1e6);
  if (o.weight_decay) check_number("weight-decay", *o.weight_decay, 0, 1e3);
  if (o.patience) check_number("patience", static_cast<double>(*o.patience), 0, kMost);
  if (o.learning_rate) check_number("learning-rate", *o.learning_rate, 1e-12, 1e3);
  if (o.clip_norm) check_number("clip-norm", *o.clip_norm, 0, 1e12);
  if (o.trim) check_number("trim", *o.trim, 0, 0.5);
  check_number("threads", o.threads, 0, 4096);
  check(!o.valid || (*o.valid >= 0 && *o.valid < 1), ErrorCode::invalid_argument, "valid",
        "expected --valid to be a fraction from 0 to below 1, got {}", o.valid.value_or(0));
  check_word("binarize", o.binarize, {"none", "dynamic", "threshold"});
  check_word("scale", o.scale, {"auto", "none"});
  if (o.optimizer) check_word("optimizer", *o.optimizer, {"adam", "adamw"});
  if (o.schedule) check_word("schedule", *o.schedule, {"constant", "linear", "cosine"});
  check_word("partial", o.partial, {"auto", "on", "off"});
  check_word("mode", o.mode, {"fast", "reproducible"});
  check_word("precision", o.precision, {"f32", "bf16"});
  check(o.precision == "f32" || o.mode == "fast", ErrorCode::invalid_argument, "precision",
        "expected --precision f32 together with --mode reproducible, got {}; leave one of them out",
        o.precision);
  const std::string decaying = o.optimizer.value_or("adamw");
  check(!o.weight_decay || decaying == "adamw", ErrorCode::invalid_argument, "weight-decay",
        "expected --weight-decay together with --optimizer adamw, got --optimizer {}", decaying);
  check(!(o.beta && o.kl_limit), ErrorCode::invalid_argument, "kl-limit",
        "expected --beta or --kl-limit, got both; a limit sets the weight by itself");
}

Setting parse_setting(const std::string& text) {
  double x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (error == std::errc() && end == text.data() + text.size()) return x;
  return text;
}

// {"prior", "mixture"} and {"prior.components", "10"}.
void apply_components(const std::map<std::string, std::string>& given, Composition& c) {
  const std::map<std::string, ComponentChoice*> families = {
      {"encoder", &c.encoder}, {"posterior", &c.posterior},   {"prior", &c.prior},
      {"decoder", &c.decoder}, {"likelihood", &c.likelihood}, {"objective", &c.objective}};
  std::vector<std::string> names;
  for (const auto& family : families) names.push_back(family.first);
  const auto find = [&](const std::string& name) {
    const auto known = families.find(name);
    check(known != families.end(), ErrorCode::invalid_argument, name,
          "expected an option of fit, got --{}{}", name, suggestion(name, names));
    return known->second;
  };
  for (const auto& [name, value] : given) {  // a type resets the settings of another type
    if (name.find('.') != std::string::npos) continue;
    ComponentChoice& choice = *find(name);
    if (choice.type != value) choice = {value, {}};
  }
  for (const auto& [name, value] : given)
    if (const auto dot = name.find('.'); dot != std::string::npos)
      find(name.substr(0, dot))->settings[name.substr(dot + 1)] = parse_setting(value);
}

constexpr double kLeastScale = 1e-37, kMostScale = 1e37;

// Mean and standard deviation per column, of what is there; a constant column keeps its units. So
// does one whose values are beside the range of floats when they are divided.
void standardise(const Dataset& data, Transform& transform) {
  const auto D = static_cast<std::size_t>(data.dimensions());
  const auto x = data.values.as<float>();
  std::vector<double> mean(D, 0), variance(D, 0), count(D, 0);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] == x[i]) {
      mean[i % D] += static_cast<double>(x[i]);
      ++count[i % D];
    }
  for (std::size_t d = 0; d < D; ++d) mean[d] /= std::max(count[d], 1.0);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (x[i] == x[i]) {
      const double e = static_cast<double>(x[i]) - mean[i % D];
      variance[i % D] += e * e;
    }
  transform.shift = mean;
  transform.scale.assign(D, 1);
  for (std::size_t d = 0; d < D; ++d) {
    const double sd = std::sqrt(variance[d] / std::max(count[d], 1.0));
    check(
        sd < kMostScale, ErrorCode::invalid_argument, "data",
        "expected columns that spread by less than {}, got {:.3g} in column {} of {}; give it in a "
        "larger unit",
        kMostScale, sd, d, data.name);
    if (sd > kLeastScale) transform.scale[d] = sd;
  }
}

std::vector<ColumnGroup> column_groups(const Dataset& data) {
  std::vector<ColumnGroup> groups;
  if (data.schema)
    for (const CellGroup& group : cell_groups(*data.schema))
      groups.push_back({group.likelihood, std::ssize(group.columns)});
  return groups;
}

/// What the composition depends on, beside options.
struct DataTraits {
  std::int64_t dimensions = 2;
  Sizing sizing = {};
  bool zero_one = false;             // all values are
  bool has_missing = false;          // some are
  bool is_table = false;             // or an array of numbers that are no pictures
  std::vector<ColumnGroup> columns;  // of a table
};

bool has_categories(const std::vector<ColumnGroup>& columns) {
  return std::any_of(columns.begin(), columns.end(), [](const ColumnGroup& group) {
    return group.likelihood.type == "categorical" || group.likelihood.type == "bernoulli";
  });
}

// Rows of numbers that are no pictures. The bound with a standard normal leaves a gap to the codes
// that data take; a mixture fitted to these closes it, and lets the KL count less. That is of use
// where there are categories: their weak dependences are the first that a code gives up.
void compose_for_tables(const FitOptions& o, const DataTraits& data, Composition& c) {
  c.columns = data.columns;
  c.missing = !data.columns.empty() || o.missing;
  const bool is_plain = c.objective == preset("vae").composition.objective && !o.beta;
  if (is_plain && data.has_missing)
    c.objective = {"iwae", {{"draws", static_cast<double>(data.sizing.draws)}}};
  if (!data.is_table) return;
  if (is_plain && !data.has_missing && has_categories(data.columns))
    c.objective.settings["beta"] = data.sizing.beta_of_categories;
  if (c.prior.type == "standard") c.prior = {"mixture", {}};
  if (c.prior.type == "mixture")
    c.prior.settings["components"] = static_cast<double>(data.sizing.components);
}

bool has_bound(const Composition& c) {
  return c.posterior.type != "deterministic" && c.objective.type != "reconstruction";
}

Composition make_composition(const FitOptions& o, const DataTraits& data) {
  Composition c = preset(o.model).composition;
  compose_for_tables(o, data, c);
  c.latent = o.latent.value_or(data.sizing.latent);
  const std::vector<std::int64_t>& widths = o.hidden.empty() ? data.sizing.hidden : o.hidden;
  std::vector<std::int64_t> mirrored(widths.rbegin(), widths.rend());
  if (!o.decoder_hidden.empty()) mirrored = o.decoder_hidden;
  c.encoder.settings = {{"hidden", format_widths(widths)}, {"activation", o.activation}};
  c.decoder.settings = {{"hidden", format_widths(mirrored)}, {"activation", o.activation}};
  const bool binary = data.zero_one || o.binarize != "none";
  c.likelihood = {o.likelihood != "auto" ? o.likelihood : binary ? "bernoulli" : "normal", {}};
  if (o.kl_limit) c.objective = {"constrained", {{"limit", *o.kl_limit}}};
  if (o.beta) {
    check(c.objective.type == "elbo", ErrorCode::invalid_argument, "beta",
          "expected a model with a weighted KL for --beta, got '{}'; choose vae or beta-vae",
          o.model);
    c.objective.settings["beta"] = *o.beta;
  }
  apply_components(o.components, c);
  c.partial = o.partial == "on" || (o.partial == "auto" && c.missing && has_bound(c));
  return c;
}

// What a model's settings say of its data and of the preset's name.
void take_settings(const ModelData& init, FitOptions& o) {
  const auto take = [&](const char* name, std::string& to) {
    if (const auto known = init.settings.find(name); known != init.settings.end())
      to = known->second;
  };
  take("model", o.model);
  take("scale", o.scale);
  take("binarize", o.binarize);
}

// The composition of a trained model, and what the options say of its objective.
Composition continued(const ModelData& init, const FitOptions& o, const DataTraits& data) {
  Composition c = init.composition;
  const bool says_objective =
      o.beta || o.kl_limit || std::ranges::any_of(o.components, [](const auto& given) {
        return given.first.starts_with("objective");
      });
  if (says_objective) c.objective = make_composition(o, data).objective;
  return c;
}

}  // namespace

void check_options(const FitOptions& options, const Components& components) {
  check_values(options);
  const std::int64_t any_width = DataTraits().dimensions;
  FitOptions fitting = options;  // the data may be a table, in which values may be missing
  fitting.missing |= options.partial == "on";
  const DataTraits any{
      .sizing = sizing(1000, any_width, RowForm::table), .is_table = true, .columns = {}};
  const Vae vae(make_composition(fitting, any), components, any_width, Transform());
}

double valid_fraction(const FitOptions& options, const Dataset& data) {
  if (options.valid) return *options.valid;
  const bool few = data.schema && data.size() < kFewRows;
  return few && !look_at(data.values, 1).finite ? 0 : 0.1;
}

FitJob make_job(const FitOptions& options, const Dataset& train, std::int64_t train_rows,
                const Components& components, const ModelData* init) {
  check_values(options);
  FitOptions o = options;
  if (init) take_settings(*init, o);
  const std::int64_t D = train.dimensions();
  const bool is_u8 = train.values.dtype() == DType::u8;
  // Bytes of 0 and 255 alone are binarised data as much as those of 0 and 1.
  const ValueLook look = look_at(train.values, 1);
  const bool black_white = is_u8 && look_at(train.values, 255).zero_one;
  const bool zero_one = black_white || look.zero_one;

  FitJob job;
  const bool is_table = train.schema != nullptr;
  check(!is_table || o.likelihood == "auto", ErrorCode::invalid_argument, "likelihood",
        "expected --likelihood COLUMN={} for a table, got {} alone; name the column", o.likelihood,
        o.likelihood);
  const bool numbers = is_table || (!is_u8 && !train.is_image && train.values.shape().rank() == 2 &&
                                    !zero_one && o.binarize == "none");
  const Sizing size = sizing(train_rows, D,
                             is_table  ? RowForm::table
                             : numbers ? RowForm::numbers
                                       : RowForm::pictures);
  const DataTraits traits{.dimensions = D,
                          .sizing = size,
                          .zero_one = zero_one,
                          .has_missing = !look.finite,
                          .is_table = numbers,
                          .columns = column_groups(train)};
  job.composition =
      complete(init ? continued(*init, o, traits) : make_composition(o, traits), components);
  std::pair<double, double> range = Likelihood::any_number();
  if (!is_table) range = components.likelihoods.make(job.composition.likelihood)->range();
  const bool bounded = std::isfinite(range.first) || std::isfinite(range.second);
  job.transform.binarize = o.binarize;
  if (init) {
    job.transform = init->transform;
  } else if (o.scale == "auto" && !is_table) {
    if (is_u8 && (black_white || !zero_one)) job.transform.scale = {255};
    if (!is_u8 && !bounded && o.binarize == "none") standardise(train, job.transform);
  }
  if (o.binarize != "none")
    check_range(train, look, job.transform, {0, 1}, "binarisation");
  else if (bounded)
    check_range(train, look, job.transform, range, job.composition.likelihood.type);

  job.zero_one = zero_one && o.binarize == "none" && range == std::pair{0.0, 1.0};

  job.batch_size = std::min(o.batch_size.value_or(size.batch_size), train_rows);
  job.epochs = o.epochs.value_or(size.epochs);
  job.patience = o.patience.value_or(
      std::max<std::int64_t>(10, std::llround(size.patience * static_cast<double>(job.epochs))));
  const double warmup =
      std::min(size.most_warmup, std::floor(size.warmup * static_cast<double>(job.epochs)));
  job.beta_warmup = o.beta_warmup.value_or(warmup);
  if (job.composition.partial)
    job.partial_epochs =
        static_cast<std::int64_t>(std::ceil(size.partial_epochs * static_cast<double>(job.epochs)));
  job.learning_rate = o.learning_rate.value_or(size.learning_rate);
  job.schedule = o.schedule.value_or(size.schedule);
  const bool decays =
      o.optimizer ? *o.optimizer == "adamw" : o.weight_decay || size.weight_decay > 0;
  if (decays)
    job.weight_decay = o.weight_decay.value_or(size.weight_decay > 0 ? size.weight_decay : 0.01);
  // Else weights grow without bound, and no check of losses would come in time.
  check(job.learning_rate * job.weight_decay <= 1, ErrorCode::invalid_argument, "learning-rate",
        "expected --learning-rate times --weight-decay of at most 1, got {} times {}; lower one of "
        "them",
        job.learning_rate, job.weight_decay);
  job.clip_norm = o.clip_norm;
  const bool may_trim = has_bound(job.composition);
  check(!o.trim || *o.trim == 0 || may_trim, ErrorCode::invalid_argument, "trim",
        "expected a model with a bound for --trim, got '{}'; train a vae", o.model);
  job.trim = may_trim ? o.trim.value_or(size.trim) : 0;
  job.mode = o.mode == "fast" ? kernels::Mode::fast : kernels::Mode::reproducible;
  job.precision = o.precision == "f32" ? kernels::Precision::f32 : kernels::Precision::bf16;
  check(
      job.precision == kernels::Precision::f32 || kernels::have_bf16(), ErrorCode::unsupported,
      "precision",
      "expected a processor with AVX512-BF16 and a build with oneDNN for --precision bf16, got {}; "
      "use --precision f32",
      kernels::bf16_hindrance());
  job.seed = o.seed;
  job.threads = o.threads;

  auto& s = job.settings;
  s = {{"model", o.model},
       {"latent", fmt::format("{}", job.composition.latent)},
       {"scale", o.scale},
       {"partial", job.composition.partial ? "on" : "off"},
       {"binarize", o.binarize},
       {"epochs", fmt::format("{}", job.epochs)},
       {"patience", fmt::format("{}", job.patience)},
       {"valid", fmt::format("{}", valid_fraction(o, train))},
       {"batch-size", fmt::format("{}", job.batch_size)},
       {"beta-warmup", fmt::format("{}", job.beta_warmup)},
       {"learning-rate", fmt::format("{}", job.learning_rate)},
       {"optimizer", decays ? "adamw" : "adam"},
       {"weight-decay", fmt::format("{}", job.weight_decay)},
       {"clip-norm", job.clip_norm ? fmt::format("{}", *job.clip_norm) : "auto"},
       {"trim", fmt::format("{}", job.trim)},
       {"schedule", job.schedule},
       {"mode", o.mode},
       {"precision", o.precision},
       {"seed", fmt::format("{}", job.seed)}};
  const std::pair<const char*, const ComponentChoice*> families[] = {
      {"encoder", &job.composition.encoder},       {"posterior", &job.composition.posterior},
      {"prior", &job.composition.prior},           {"decoder", &job.composition.decoder},
      {"likelihood", &job.composition.likelihood}, {"objective", &job.composition.objective}};
  for (const auto& [family, choice] : families) {
    if (choice->type == "columns") continue;  // the schema says what they are
    s[family] = choice->type;
    for (const auto& [name, value] : choice->settings)
      s[fmt::format("{}.{}", family, name)] = to_string(value);
  }
  return job;
}

}  // namespace diabolo
