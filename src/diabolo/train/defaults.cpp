#include <diabolo/base/nearest.h>
#include <diabolo/kernels/bf16.h>
#include <diabolo/models/presets.h>
#include <diabolo/train/defaults.h>
#include <diabolo/train/rows.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diabolo {
namespace {

constexpr double kSmallTable = 100;  // dimensions below which a KL warm-up is worth its epochs

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
  if (o.epochs) check_number("epochs", static_cast<double>(*o.epochs), 1, kMost);
  if (o.batch_size) check_number("batch-size", static_cast<double>(*o.batch_size), 1, 1 << 20);
  if (o.beta) check_number("beta", *o.beta, 0, 1e6);
  if (o.beta_warmup) check_number("beta-warmup", *o.beta_warmup, 0, kMost);
  if (o.kl_limit) check_number("kl-limit", *o.kl_limit, 1e-3, 1e6);
  if (o.weight_decay) check_number("weight-decay", *o.weight_decay, 0, 1e3);
  check_number("patience", static_cast<double>(o.patience), 0, kMost);
  check_number("learning-rate", o.learning_rate, 1e-12, 1e3);
  check_number("clip-norm", o.clip_norm, 0, 1e12);
  check_number("threads", o.threads, 0, 4096);
  check(o.valid >= 0 && o.valid < 1, ErrorCode::invalid_argument, "valid",
        "expected --valid to be a fraction from 0 to below 1, got {}", o.valid);
  check_word("binarize", o.binarize, {"none", "dynamic", "threshold"});
  check_word("scale", o.scale, {"auto", "none"});
  check_word("optimizer", o.optimizer, {"adam", "adamw"});
  check_word("schedule", o.schedule, {"constant", "linear", "cosine"});
  check_word("mode", o.mode, {"fast", "reproducible"});
  check_word("precision", o.precision, {"f32", "bf16"});
  check(o.precision == "f32" || o.mode == "fast", ErrorCode::invalid_argument, "precision",
        "expected --precision f32 together with --mode reproducible, got {}; leave one of them out",
        o.precision);
  check(!o.weight_decay || o.optimizer == "adamw", ErrorCode::invalid_argument, "weight-decay",
        "expected --weight-decay together with --optimizer adamw, got --optimizer {}", o.optimizer);
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

// Mean and standard deviation per column; a constant column keeps its units.
void standardise(const Dataset& data, Transform& transform) {
  const auto D = static_cast<std::size_t>(data.dimensions());
  const auto x = data.values.as<float>();
  const double n = static_cast<double>(data.size());
  std::vector<double> mean(D, 0), variance(D, 0);
  for (std::size_t i = 0; i < x.size(); ++i) mean[i % D] += static_cast<double>(x[i]);
  for (double& m : mean) m /= n;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double e = static_cast<double>(x[i]) - mean[i % D];
    variance[i % D] += e * e;
  }
  transform.shift = mean;
  transform.scale.assign(D, 1);
  for (std::size_t d = 0; d < D; ++d)
    if (const double sd = std::sqrt(variance[d] / n); sd > 1e-30 && std::isfinite(sd))
      transform.scale[d] = sd;
}

std::int64_t default_latent(std::int64_t D) {
  const auto root = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(D))));
  return std::min(std::clamp<std::int64_t>(root, 2, 32), std::max<std::int64_t>(D, 1));
}

std::int64_t default_width(std::int64_t D) {
  return D <= 8 ? 64 : D <= 64 ? 128 : D <= 256 ? 256 : 512;
}

std::int64_t default_batch(std::int64_t N) { return N < 1000 ? 32 : N < 10000 ? 64 : 128; }

std::int64_t default_epochs(std::int64_t N, std::int64_t batch) {
  const std::int64_t steps = (N + batch - 1) / batch;
  return std::clamp<std::int64_t>((20000 + steps - 1) / steps, 20, 1000);
}

Composition make_composition(const FitOptions& o, std::int64_t D, bool zero_one) {
  Composition c = preset(o.model).composition;
  c.latent = o.latent.value_or(default_latent(D));
  const std::vector<std::int64_t> widths =
      o.hidden.empty() ? std::vector<std::int64_t>{default_width(D)} : o.hidden;
  std::vector<std::int64_t> mirrored(widths.rbegin(), widths.rend());
  if (!o.decoder_hidden.empty()) mirrored = o.decoder_hidden;
  c.encoder.settings = {{"hidden", format_widths(widths)}, {"activation", o.activation}};
  c.decoder.settings = {{"hidden", format_widths(mirrored)}, {"activation", o.activation}};
  const bool binary = zero_one || o.binarize != "none";
  c.likelihood = {o.likelihood != "auto" ? o.likelihood : binary ? "bernoulli" : "normal", {}};
  if (o.kl_limit) c.objective = {"constrained", {{"limit", *o.kl_limit}}};
  if (o.beta) {
    check(c.objective.type == "elbo", ErrorCode::invalid_argument, "beta",
          "expected a model with a weighted KL for --beta, got '{}'; choose vae or beta-vae",
          o.model);
    c.objective.settings["beta"] = *o.beta;
  }
  apply_components(o.components, c);
  return c;
}

}  // namespace

void check_options(const FitOptions& options, const Components& components) {
  check_values(options);
  const std::int64_t any_width = 2;
  const Vae vae(make_composition(options, any_width, false), components, any_width, Transform());
}

FitJob make_job(const FitOptions& o, const Dataset& train, std::int64_t train_rows,
                const Components& components) {
  check_values(o);
  const std::int64_t D = train.dimensions();
  const bool is_u8 = train.values.dtype() == DType::u8;
  // Bytes of 0 and 255 alone are binarised data as much as those of 0 and 1.
  const ValueLook look = look_at(train.values, 1);
  const bool black_white = is_u8 && look_at(train.values, 255).zero_one;
  const bool zero_one = black_white || look.zero_one;

  FitJob job;
  job.composition = complete(make_composition(o, D, zero_one), components);
  const auto likelihood = components.likelihoods.make(job.composition.likelihood);
  const std::pair<double, double> range = likelihood->range();
  const bool bounded = std::isfinite(range.first) || std::isfinite(range.second);
  job.transform.binarize = o.binarize;
  if (o.scale == "auto") {
    if (is_u8 && (black_white || !zero_one)) job.transform.scale = {255};
    if (!is_u8 && !bounded && o.binarize == "none") standardise(train, job.transform);
  }
  if (o.binarize != "none")
    check_range(train, look, job.transform, {0, 1}, "binarisation");
  else if (bounded)
    check_range(train, look, job.transform, range, job.composition.likelihood.type);

  job.zero_one = zero_one && o.binarize == "none" && range == std::pair{0.0, 1.0};

  job.batch_size = std::min(o.batch_size.value_or(default_batch(train_rows)), train_rows);
  job.epochs = o.epochs.value_or(default_epochs(train_rows, job.batch_size));
  job.patience = o.patience;
  const double warmup = static_cast<double>(D) < kSmallTable
                            ? std::min(20.0, std::floor(0.1 * static_cast<double>(job.epochs)))
                            : 0;
  job.beta_warmup = o.beta_warmup.value_or(warmup);
  job.learning_rate = o.learning_rate;
  job.weight_decay = o.optimizer == "adamw" ? o.weight_decay.value_or(0.01) : 0;
  job.clip_norm = o.clip_norm;
  job.schedule = o.schedule;
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
       {"binarize", o.binarize},
       {"epochs", fmt::format("{}", job.epochs)},
       {"patience", fmt::format("{}", job.patience)},
       {"valid", fmt::format("{}", o.valid)},
       {"batch-size", fmt::format("{}", job.batch_size)},
       {"beta-warmup", fmt::format("{}", job.beta_warmup)},
       {"learning-rate", fmt::format("{}", job.learning_rate)},
       {"optimizer", o.optimizer},
       {"weight-decay", fmt::format("{}", job.weight_decay)},
       {"clip-norm", fmt::format("{}", job.clip_norm)},
       {"schedule", job.schedule},
       {"mode", o.mode},
       {"precision", o.precision},
       {"seed", fmt::format("{}", job.seed)}};
  const std::pair<const char*, const ComponentChoice*> families[] = {
      {"encoder", &job.composition.encoder},       {"posterior", &job.composition.posterior},
      {"prior", &job.composition.prior},           {"decoder", &job.composition.decoder},
      {"likelihood", &job.composition.likelihood}, {"objective", &job.composition.objective}};
  for (const auto& [family, choice] : families) {
    s[family] = choice->type;
    for (const auto& [name, value] : choice->settings)
      s[fmt::format("{}.{}", family, name)] = to_string(value);
  }
  return job;
}

}  // namespace diabolo
