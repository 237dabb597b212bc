#include <diabolo/train/bound.h>
#include <diabolo/train/measure.h>
#include <diabolo/train/trim.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace diabolo {
namespace {

constexpr std::int64_t kBlockRows = 1 << 16, kSamples = 4;

// log p(x) for each observed cell: rows with holes are no likelier for having fewer.
std::vector<double> likelihood_per_cell(const ModelPrograms& programs, const Dataset& data,
                                        std::span<const std::int64_t> rows, std::uint64_t seed,
                                        ThreadPool* pool) {
  std::vector<double> all;
  for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
    const Dataset block =
        data.select(rows.subspan(first, std::min<std::size_t>(kBlockRows, rows.size() - first)));
    std::vector<double> part(static_cast<std::size_t>(block.size()));
    log_likelihood(programs, block, kSamples, seed, pool, {.marginal = part}, false);
    const std::vector<std::int64_t> observed = observed_cells(block);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const double x = part[i] / static_cast<double>(std::max<std::int64_t>(observed[i], 1));
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
