#include <diabolo/data/cells.h>
#include <diabolo/train/bound.h>
#include <diabolo/train/measure.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace diabolo {
namespace {

bool is_mass(const ColumnCode& code) { return code.form == ColumnCode::levels || code.step > 0; }

// The rows with all but their masses hidden.
Dataset masses_of(const Dataset& data, const std::vector<const ColumnCode*>& codes) {
  Dataset masses = data.rows(0, data.size());
  masses.log_slopes.assign(static_cast<std::size_t>(data.size()), 0);
  const auto cells = masses.values.as<float>();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const ColumnCode& code = *codes[i % codes.size()];
    if (!is_mass(code))
      cells[i] = std::numeric_limits<float>::quiet_NaN();
    else if (!std::isnan(cells[i]))
      masses.log_slopes[i / codes.size()] +=
          code.log_slope(code.to_data(static_cast<double>(cells[i])));
  }
  return masses;
}

}  // namespace

NllParts split_nll(const ModelPrograms& programs, const Dataset& data, double nll,
                   std::int64_t samples, std::uint64_t seed, ThreadPool* pool, bool zero_one) {
  const ModelData& model = programs.model();
  if (model.schema.empty()) {
    if (!programs.vae().likelihood().is_mass()) return {{}, nll};
    return zero_one ? NllParts{nll, {}} : NllParts{};  // grey values have neither
  }
  const std::vector<const ColumnCode*> codes = cell_codes(model.schema);
  const auto masses = std::count_if(codes.begin(), codes.end(),
                                    [](const ColumnCode* code) { return is_mass(*code); });
  if (masses == 0) return {{}, nll};
  if (masses == std::ssize(codes)) return {nll, {}};
  std::vector<double> marginal(static_cast<std::size_t>(data.size()));
  log_likelihood(programs, masses_of(data, codes), samples, seed, pool, {.marginal = marginal});
  const double discrete = -std::accumulate(marginal.begin(), marginal.end(), 0.0) /
                          static_cast<double>(marginal.size());
  return {discrete, nll - discrete};
}

std::vector<std::int64_t> observed_cells(const Dataset& data) {
  const std::int64_t D = data.dimensions();
  std::vector<std::int64_t> observed(static_cast<std::size_t>(data.size()), D);
  if (data.values.dtype() != DType::f32) return observed;
  const auto cells = data.values.as<float>();
  for (std::size_t row = 0; row < observed.size(); ++row) {
    const auto begin = cells.begin() + static_cast<std::int64_t>(row) * D;
    observed[row] -= std::count_if(begin, begin + D, [](float x) { return x != x; });
  }
  return observed;
}

}  // namespace diabolo
