#include <diabolo/apps/explain.h>
#include <diabolo/data/cells.h>

#include <algorithm>

namespace diabolo {
namespace {

constexpr std::size_t kMostReasons = 3;
constexpr double kLeastExcess = 0.05;  // what is "+0.0" is no reason

bool is_missing(const Dataset& data, std::size_t cell) {
  if (data.values.dtype() != DType::f32) return false;
  const float x = data.values.as<float>()[cell];
  return x != x;
}

}  // namespace

Explanation explain(const ModelData& model, const Vae& vae, const Dataset& data,
                    std::vector<double> log_px) {
  const auto D = static_cast<std::size_t>(model.dimensions);
  std::vector<double> slopes(D, 0.0);  // from a log density in the network's units to the data's
  if (vae.log_jacobian() != 0) slopes = model.transform.log_jacobians(model.dimensions);
  std::vector<const ColumnCode*> codes;
  if (!model.schema.empty())
    for (const int column : cell_columns(model.schema))
      codes.push_back(&model.schema.columns[static_cast<std::size_t>(column)].code);
  const std::vector<double>& means = model.score_reference.column_means;
  Explanation result{.why = std::move(log_px), .excess = {}};
  if (!means.empty()) result.excess.resize(result.why.size());
  for (std::size_t i = 0; i < result.why.size(); ++i) {
    double& why = result.why[i];
    if (is_missing(data, i)) {
      why = 0;
      continue;
    }
    // Of cells: there a value beyond the others costs more, whatever the slope of its code.
    if (!means.empty()) result.excess[i] = -why - means[i % D];
    double slope = slopes[i % D];
    if (!codes.empty()) {
      const ColumnCode& code = *codes[i % D];
      slope = code.log_slope(code.to_data(static_cast<double>(data.values.as<float>()[i])));
    }
    why = -(why + slope);
  }
  return result;
}

std::string reasons(std::span<const double> excess, std::span<const std::string> names) {
  std::vector<std::size_t> columns;
  for (std::size_t d = 0; d < excess.size(); ++d)
    if (excess[d] >= kLeastExcess) columns.push_back(d);
  std::stable_sort(columns.begin(), columns.end(),
                   [&](std::size_t a, std::size_t b) { return excess[a] > excess[b]; });
  std::string text;
  for (std::size_t i = 0; i < std::min(columns.size(), kMostReasons); ++i)
    text +=
        fmt::format("{}{} (+{:.1f})", i == 0 ? "" : ", ", names[columns[i]], excess[columns[i]]);
  return text;
}

}  // namespace diabolo
