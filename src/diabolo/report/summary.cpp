#include <diabolo/data/schema.h>
#include <diabolo/data/value_text.h>
#include <diabolo/models/model_data.h>
#include <diabolo/report/sections.h>
#include <fmt/format.h>

#include <cmath>

namespace diabolo {
namespace {

std::string range_of(const ColumnSchema& column) {
  if (!column.levels.empty() || !column.values.empty()) {
    const std::size_t count = std::max(column.levels.size(), column.values.size());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min<std::size_t>(count, 4); ++i)
      names.push_back(column.levels.empty() ? short_value_text(column.field, column.values[i])
                                            : column.levels[i]);
    const std::string text = fmt::format("{}", fmt::join(names, ", "));
    return count > 4 ? fmt::format("{}, ... {} more", text, count - 4) : text;
  }
  if (std::isnan(column.low)) return "";
  return fmt::format("{} to {}", short_value_text(column.field, column.low),
                     short_value_text(column.field, column.high));
}

std::string kind_of_data(const ModelData& model) {
  if (!model.schema.empty()) return "table";
  return model.is_image ? "pictures" : "array";
}

}  // namespace

Json summary_section(const ReportInput& input) {
  const ModelData& model = input.model->data();
  const Composition& parts = model.composition;
  Json shape = Json::array();
  for (const std::int64_t n : model.row_shape.dims()) shape.push_back(n);
  return {{"title", input.title},
          {"data", input.data_name},
          {"learned", input.data && input.data->fingerprint_text() == model.fingerprint},
          {"kind", kind_of_data(model)},
          {"shape", shape},
          {"dimensions", model.dimensions},
          {"latent", model.latent()},
          {"parameters", model.values.size()},
          {"parts",
           {{"encoder", parts.encoder.type},
            {"posterior", parts.posterior.type},
            {"prior", parts.prior.type},
            {"decoder", parts.decoder.type},
            {"likelihood", parts.columns.empty() ? parts.likelihood.type : "by column"},
            {"objective", parts.objective.type}}},
          {"best_epoch", model.best_epoch},
          {"settings", input.settings},
          {"machine", input.machine},
          {"version", input.version},
          {"curves", input.metrics_name},
          {"findings", input.findings}};
}

Json history_section(const ReportInput& input) {
  if (input.metrics.empty()) return nullptr;
  Json history = Json::object();
  for (const auto& [name, values] : input.metrics) history[name] = numbers(values);
  return history;
}

Json schema_section(const ModelData& model) {
  if (model.schema.empty()) return nullptr;
  constexpr std::size_t kMost = 200;
  Json list = Json::array();
  for (const ColumnSchema& column : model.schema.columns) {
    if (list.size() == kMost) break;
    list.push_back({{"name", column.field.name},
                    {"kind", std::string(name(column.kind))},
                    {"used", column.used},
                    {"range", range_of(column)},
                    {"missing", column.missing},
                    {"likelihood", column.likelihood.type},
                    {"why", column.why}});
  }
  return {{"rows", model.schema.rows}, {"count", model.schema.columns.size()}, {"columns", list}};
}

}  // namespace diabolo
