// info MODEL_OR_DATA: what is in this file.
#include <diabolo/base/one_line.h>
#include <diabolo/cli/input.h>
#include <diabolo/cli/schema_options.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/data/read.h>
#include <diabolo/data/source.h>
#include <diabolo/io/model_file.h>
#include <diabolo/io/schema_file.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace diabolo::cli {
namespace {

namespace fs = std::filesystem;

/// The model file or run that `path` is, or nothing if it is something else: a safetensors file
/// begins with the length of its header, eight bytes, and a brace.
std::optional<std::string> model_or_run(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    for (const char* file : {"model.safetensors", "checkpoint.safetensors"})
      if (fs::exists(fs::path(path) / file, ignored)) return path;
    return {};
  }
  if (path.ends_with(".safetensors")) return path;
  if (!fs::is_regular_file(path, ignored)) return {};
  const auto head = read_head(*open_file(path), 9);
  return head.size() == 9 && head[7] == 0 && head[8] == '{' ? std::optional(path) : std::nullopt;
}

Json dims_of(const Shape& shape) {
  return std::vector<std::int64_t>(shape.dims().begin(), shape.dims().end());
}

std::string line(std::string_view name, const std::string& value) {
  return fmt::format("{:<14}{}\n", name, one_line(value));
}

std::string describe(const ComponentChoice& choice) {
  std::string text = choice.type;
  for (const auto& [name, value] : choice.settings)
    text += fmt::format("  {} {}", name, to_string(value));
  return text;
}

using Families = std::vector<std::pair<std::string, const ComponentChoice*>>;

Families parts_of(const Composition& c) {
  return {{"encoder", &c.encoder}, {"posterior", &c.posterior},   {"prior", &c.prior},
          {"decoder", &c.decoder}, {"likelihood", &c.likelihood}, {"objective", &c.objective}};
}

Json model_json(const ModelData& model) {
  Json composition = Json::object();
  for (const auto& [family, choice] : parts_of(model.composition)) {
    Json part = {{"type", choice->type}};
    for (const auto& [name, value] : choice->settings)
      std::visit([&part, &key = name](const auto& x) { part[key] = x; }, value);
    composition[family] = part;
  }
  Json last(nullptr);
  if (!model.history.empty()) {
    const EpochRecord& r = model.history.back();
    last = {{"loss", r.loss},
            {"log_px", r.log_px},
            {"kl", r.kl},
            {"valid_loss", r.valid_loss},
            {"valid_kl", r.valid_kl},
            {"valid_log_px", r.valid_log_px},
            {"active_units", r.active_units}};
  }
  return {{"kind", "model"},
          {"latent", model.latent()},
          {"dimensions", model.dimensions},
          {"shape", dims_of(model.row_shape)},
          {"dtype", name(model.dtype)},
          {"parameters", model.values.size()},
          {"composition", composition},
          {"settings", model.settings},
          {"epochs", model.history.size()},
          {"best_epoch", model.best_epoch},
          {"last", last},
          {"fingerprint", model.fingerprint}};
}

std::string model_text(const ModelData& model) {
  std::string text =
      line("model", fmt::format("{}, {} latent dimensions, {} parameters",
                                model.settings.contains("model") ? model.settings.at("model") : "?",
                                model.latent(), grouped(model.values.size())));
  text += line("data", fmt::format("{} of shape {}, {}, fingerprint {}",
                                   model.is_image ? "pictures" : "rows", model.row_shape,
                                   name(model.dtype), model.fingerprint));
  for (const auto& [family, choice] : parts_of(model.composition))
    text += line(family, describe(*choice));
  std::string settings;
  const Families parts = parts_of(model.composition);
  for (const auto& [name, value] : model.settings) {
    const bool is_part = std::any_of(parts.begin(), parts.end(), [&key = name](const auto& part) {
      return key.starts_with(part.first);
    });
    if (!is_part && name != "model" && name != "latent")
      settings += fmt::format("{}{} {}", settings.empty() ? "" : "  ", name, value);
  }
  text += line("settings", settings);
  if (!model.schema.empty()) text += fmt::format("\n{}\n", describe(model.schema));
  if (model.history.empty()) return text;
  const EpochRecord& r = model.history.back();
  text += line("training", fmt::format("{}, {} steps; the weights are those of epoch {}",
                                       counted(std::ssize(model.history), "epoch"), grouped(r.step),
                                       model.best_epoch));
  std::string losses = fmt::format("loss {:.6g}  log_px {:.6g}", r.loss, r.log_px);
  if (!std::isnan(r.kl)) losses += fmt::format("  kl {:.6g}", r.kl);
  if (!std::isnan(r.valid_loss)) losses += fmt::format("  valid_loss {:.6g}", r.valid_loss);
  return text + line("last epoch", losses);
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  std::int64_t not_finite = 0;
  bool is_zero_one = true;
};

template <class T>
Range range_of(std::span<const T> values) {
  Range range;
  for (const T value : values) {
    const double x = static_cast<double>(value);
    if (!std::isfinite(x)) {
      ++range.not_finite;
      continue;
    }
    range.low = std::min(range.low, x);
    range.high = std::max(range.high, x);
    range.is_zero_one &= x == 0 || x == 1;
  }
  return range;
}

void show_data(const std::string& path, bool json) {
  const Dataset data = read(path, {.allow_not_finite = true});
  const Range range = data.values.dtype() == DType::u8 ? range_of(data.values.as<std::uint8_t>())
                                                       : range_of(data.values.as<float>());
  const std::string likelihood = range.is_zero_one ? "bernoulli" : "normal";
  if (json)
    return print_json({{"kind", data.is_image ? "images" : "array"},
                       {"rows", data.size()},
                       {"dimensions", data.dimensions()},
                       {"shape", dims_of(data.row_shape)},
                       {"dtype", name(data.values.dtype())},
                       {"lowest", range.low},
                       {"highest", range.high},
                       {"not_finite", range.not_finite},
                       {"likelihood", likelihood}});
  std::string text = line("data", data.is_image ? "pictures" : "an array");
  text += line("rows", fmt::format("{} of shape {}, {}", grouped(data.size()), data.row_shape,
                                   name(data.values.dtype())));
  text += line("range", fmt::format("{} to {}", range.low, range.high));
  if (range.not_finite > 0) text += line("not finite", grouped(range.not_finite) + " numbers");
  print(text + line("likelihood", likelihood + " (what fit chooses; --likelihood to change it)"));
}

void show_table(const Schema& schema, bool json) {
  if (!json) return print(describe(schema));
  Json object = {{"kind", "table"}, {"rows", schema.rows}};
  object.update(Json::parse(schema_to_json(schema, false)));
  print_json(object);
}

}  // namespace

int info(Arguments arguments) {
  const Components components;
  Common common;
  Options options(
      {.verb = "info",
       .purpose = std::string(purpose("info")),
       .usage = "MODEL_OR_DATA [options]",
       .details = "Of a table every column: what it is, how often missing, how it will be "
                  "modelled and why. Options change that\nas they would for fit.",
       .example = "  diabolo info runs/first\n  diabolo info train.npy --json\n"
                  "  diabolo info customers.csv --kind zip=categorical --missing -200"});
  Input input;
  SchemaOptions columns;
  input.add_to(options, false, "MODEL_OR_DATA",
               std::string(kModelHelp) + "; or data: " + std::string(kDataHelp));
  options.group("columns of a table, as fit takes them");
  columns.add_to(options);
  options.option({.name = "likelihood",
                  .placeholder = "COLUMN=NAME",
                  .help = "of a column; may be repeated",
                  .fallback = "from the data",
                  .is_list = true},
                 columns.into_likelihood(components.likelihoods, nullptr));
  options.common(common);
  if (!options.parse(arguments)) return 0;
  const std::string& path = input.path();
  if (const auto model_path = model_or_run(path)) {
    const ModelData model = read_model(model_file(*model_path), components);
    common.json ? print_json(model_json(model)) : print(model_text(model));
  } else if (input.is_table()) {
    show_table(input.schema(columns.request()), common.json);
  } else {
    input.refuse_words_for_tables(columns.request());
    show_data(path, common.json);
  }
  return 0;
}

}  // namespace diabolo::cli
