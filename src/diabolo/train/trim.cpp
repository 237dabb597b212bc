#include <diabolo/train/bound.h>
#include <diabolo/train/measure.h>
#include <diabolo/train/trim.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace diabolo {
namespace {

constexpr std::int64_t kBlockRows = 1 << 16, kTrimSamples = 4;

// What the units of its observed columns add to log p(x) of a row, if holes make that differ.
std::vector<double> units(const ModelPrograms& programs, const Dataset& rows) {
  std::vector<double> sums(static_cast<std::size_t>(rows.size()));
  const Vae& vae = programs.vae();
  if (!vae.has_missing() || rows.schema || vae.likelihood().is_mass()) return sums;
  const std::vector<double> each = programs.model().transform.log_jacobians(rows.dimensions());
  const auto x = rows.values.as<float>();
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!std::isnan(x[i])) sums[i / each.size()] += each[i % each.size()];
  return sums;
}

// log p(x) for each observed cell, in the network's units: rows with holes are no likelier for
// having fewer cells, nor for lacking a column of large numbers.
std::vector<double> likelihood_per_cell(const ModelPrograms& programs, const Dataset& data,
                                        std::span<const std::int64_t> rows, std::uint64_t seed,
                                        ThreadPool* pool) {
  std::vector<double> all;
  for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
    Dataset block =
        data.select(rows.subspan(first, std::min<std::size_t>(kBlockRows, rows.size() - first)));
    block.log_slopes.clear();
    const std::vector<double> of_units = units(programs, block);
    std::vector<double> part(of_units.size());
    log_likelihood(programs, block, kTrimSamples, seed, pool, {.marginal = part}, false);
    const std::vector<std::int64_t> observed = observed_cells(block);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const double x =
          (part[i] - of_units[i]) / static_cast<double>(std::max<std::int64_t>(observed[i], 1));
      all.push_back(std::isnan(x) ? -std::numeric_limits<double>::infinity() : x);
    }
  }
  return all;
}

}  // namespace

std::vector<std::int64_t> likely_rows(const ModelPrograms& programs, const Dataset& data,
                                      std::span<const std::int64_t> rows, double share,
                                      std::uint64_t seed, ThreadPool* pool) {
  const std::vector<double> x = likelihood_per_cell(programs, data, rows, seed, pool);
  std::vector<double> sorted = x;
  std::sort(sorted.begin(), sorted.end());
  const double limit = sorted[static_cast<std::size_t>(share * static_cast<double>(x.size()))];
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (x[i] >= limit) kept.push_back(rows[i]);
  return kept;
}

}  // namespace diabolo
