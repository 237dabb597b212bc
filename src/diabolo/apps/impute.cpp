#include <diabolo/apps/expectation.h>
#include <diabolo/apps/impute.h>
#include <diabolo/base/index.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

constexpr std::int64_t kDrawsForUncertainty = 100;
// Of a value whose mean is one of draws: its error is 1 / 16 of what is uncertain anyway.
constexpr std::int64_t kDrawsForMean = 256;
constexpr std::int64_t kMostNumbers = 1 << 24;  // of draws in memory at a time

// The draws that the rows need: more than are asked for where they tell means or spreads.
std::int64_t draws_for(const Expectation& expectation, const Dataset& rows,
                       const ImputeOptions& options) {
  std::int64_t draws = options.draws;
  if (options.uncertainty) draws = std::max(draws, kDrawsForUncertainty);
  if (rows.values.dtype() != DType::f32) return draws;
  const auto cells = rows.values.as<float>();
  const auto D = index(rows.dimensions());
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (cells[i] != cells[i] && expectation.is_curved(i % D)) return std::max(draws, kDrawsForMean);
  return draws;
}

// Rows as they are, in the data's units; NaN where a value is missing.
Tensor values_of(const ModelData& model, const Dataset& data, const Expectation& expectation) {
  const std::int64_t N = data.size(), D = data.dimensions();
  Tensor values(DType::f64, {N, D});
  const auto to = values.as<double>();
  const bool is_table = !model.schema.empty();
  for (std::size_t i = 0; i < to.size(); ++i) {
    const double x = data.values.number(i);
    to[i] = is_table && x == x
                ? expectation.value(static_cast<float>(x), i % static_cast<std::size_t>(D))
                : x;
  }
  return values;
}

// Mean and standard deviation over the draws of a row.
double mean_of(std::span<const double> draws, std::size_t D, std::size_t d) {
  const std::size_t M = draws.size() / D;
  double mean = 0;
  for (std::size_t m = 0; m < M; ++m) mean += draws[m * D + d] / static_cast<double>(M);
  return mean;
}

double spread(std::span<const double> draws, std::size_t D, std::size_t d) {
  const std::size_t M = draws.size() / D;
  const double mean = mean_of(draws, D, d);
  double squares = 0;
  for (std::size_t m = 0; m < M; ++m) {
    const double e = draws[m * D + d] - mean;
    squares += e * e;
  }
  return std::sqrt(squares / static_cast<double>(M - 1));
}

// What the rows of a block give, at their places in the whole.
void fill(const ModelPrograms& programs, const Expectation& expectation, const Dataset& rows,
          std::int64_t first, const ImputeOptions& options, ThreadPool* pool, Imputation& result) {
  const std::int64_t draws = draws_for(expectation, rows, options);
  const Completed completed = complete(
      programs, rows, {.samples = options.samples, .draws = draws, .seed = options.seed}, pool);
  const auto D = index(rows.dimensions()), F = index(completed.mean.row_size()),
             kept = index(options.draws), begin = index(first);
  const auto values = result.values.as<double>(), kept_draws = result.draws.as<double>();
  std::vector<double> row_draws(index(draws) * D);
  for (std::size_t i = 0; i < index(rows.size()); ++i) {
    const std::size_t row = begin + i;
    const auto features = completed.mean.as<float>().subspan(i * F, F);
    const auto drawn = completed.draws.as<float>().subspan(i * row_draws.size(), row_draws.size());
    for (std::size_t k = 0; k < row_draws.size(); ++k)
      row_draws[k] = expectation.value_in_range(drawn[k], k % D);
    result.effective[row] = completed.effective[i];
    for (std::size_t d = 0; d < D; ++d) {
      double& value = values[row * D + d];
      const bool missing = value != value;
      for (std::size_t m = 0; m < kept; ++m)
        kept_draws[(row * kept + m) * D + d] = missing ? row_draws[m * D + d] : value;
      if (!missing) continue;
      value = expectation.is_curved(d) ? mean_of(row_draws, D, d) : expectation.mean(features, d);
      if (options.uncertainty)
        result.uncertainty.as<double>()[row * D + d] =
            expectation.is_category(d) ? std::max(1 - expectation.probability(features, d), 0.0)
                                       : spread(row_draws, D, d);
    }
  }
}

}  // namespace

Imputation impute(const ModelPrograms& programs, const Dataset& data, const ImputeOptions& options,
                  ThreadPool* pool) {
  const ModelData& model = programs.model();
  const Expectation expectation(model);
  const std::int64_t N = data.size(), D = data.dimensions();
  Imputation result{.values = values_of(model, data, expectation),
                    .draws = Tensor(DType::f64, {N, options.draws, D}),
                    .uncertainty = {},
                    .effective = std::vector<double>(index(N))};
  if (options.uncertainty) result.uncertainty = Tensor(DType::f64, {N, D});
  const std::int64_t draws = std::max<std::int64_t>(draws_for(expectation, data, options), 1);
  const std::int64_t block = std::max<std::int64_t>(kMostNumbers / (draws * D), 1);
  if (block >= N) {
    fill(programs, expectation, data, 0, options, pool, result);
    return result;
  }
  for (std::int64_t first = 0; first < N; first += block)
    fill(programs, expectation, data.rows(first, std::min(block, N - first)), first, options, pool,
         result);
  return result;
}

}  // namespace diabolo
