#include <diabolo/base/random.h>
#include <diabolo/data/holes.h>
#include <diabolo/data/table.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace diabolo {
namespace {

std::string pattern_of(std::span<const float> row) {
  std::string bits((row.size() + 7) / 8, '\0');
  for (std::size_t d = 0; d < row.size(); ++d)
    if (std::isnan(row[d])) bits[d / 8] = static_cast<char>(bits[d / 8] | 1 << d % 8);
  return bits;
}

bool is_missing(const std::string& bits, std::size_t d) {
  return (static_cast<unsigned char>(bits[d / 8]) >> d % 8 & 1) != 0;
}

}  // namespace

std::vector<HolePattern> hole_patterns(const Dataset& data, std::uint64_t seed) {
  if (data.values.dtype() != DType::f32) return {};
  const auto values = data.values.as<float>();
  if (std::none_of(values.begin(), values.end(), [](float x) { return x != x; })) return {};
  const auto N = static_cast<std::size_t>(data.size()), D = values.size() / N;
  const std::size_t kept = std::min(N, static_cast<std::size_t>(kHoleRows));
  RandomStream random({.seed = seed, .stream = Stream::holes});
  std::map<std::string, std::int64_t> counts;
  for (std::size_t i = 0; i < kept; ++i) {  // a random row of each of `kept` parts
    const std::size_t first = i * N / kept, end = (i + 1) * N / kept;
    const std::size_t row = first + random.below(end - first);
    ++counts[pattern_of(values.subspan(row * D, D))];
  }
  std::vector<HolePattern> patterns;
  for (const auto& [bits, rows] : counts) patterns.push_back({bits, rows});
  return patterns;
}

void make_holes(std::span<const HolePattern> patterns, std::uint64_t seed, Tensor& rows) {
  if (patterns.empty()) return;
  const auto D = static_cast<std::size_t>(rows.row_size());
  std::uint64_t total = 0;
  for (const HolePattern& pattern : patterns) {
    ensure(pattern.missing.size() == (D + 7) / 8, "holes", "patterns as wide as the rows");
    total += static_cast<std::uint64_t>(pattern.rows);
  }
  const auto values = rows.as<float>();
  for (std::size_t row = 0; row * D < values.size(); ++row) {
    RandomStream random({.seed = seed, .stream = Stream::holes, .pass = 1, .row = row});
    std::uint64_t place = random.below(total);
    const HolePattern* pattern = patterns.data();
    for (; place >= static_cast<std::uint64_t>(pattern->rows); ++pattern)
      place -= static_cast<std::uint64_t>(pattern->rows);
    for (std::size_t d = 0; d < D; ++d)
      if (is_missing(pattern->missing, d)) values[row * D + d] = kMissing;
  }
}

}  // namespace diabolo
