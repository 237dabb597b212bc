#include <diabolo/data/modes.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

constexpr std::size_t kCells = 256;  // of the density
constexpr double kValley = 0.5;      // of the lower peak
constexpr double kSide = 0.05;       // of the rows, on each side of a valley
constexpr double kPeak = 0.05;       // of the highest
constexpr double kGap = 0.1;         // of the middle nine tenths

double quantile_below(std::span<const double> sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

std::vector<double> smoothed(const std::vector<double>& counts, double width) {
  const auto reach = static_cast<std::ptrdiff_t>(std::ceil(4 * width));
  const auto n = std::ssize(counts);
  std::vector<double> result(counts.size());
  for (std::ptrdiff_t i = 0; i < n; ++i)
    for (std::ptrdiff_t j = std::max<std::ptrdiff_t>(0, i - reach); j < std::min(n, i + reach + 1);
         ++j) {
      const double t = static_cast<double>(i - j) / width;
      result[static_cast<std::size_t>(i)] +=
          counts[static_cast<std::size_t>(j)] * std::exp(-t * t / 2);
    }
  return result;
}

}  // namespace

bool has_several_modes(std::span<const double> sorted) {
  // Tails beyond the middle are left out: what is rare there makes no mode.
  const double low = quantile_below(sorted, 0.01), high = quantile_below(sorted, 0.99);
  if (!(high > low)) return false;
  double mean = 0, square = 0, n = 0;
  std::vector<double> counts(kCells);
  for (const double x : sorted) {
    if (x < low || x > high) continue;
    const double place = (x - low) / (high - low);
    counts[std::min(static_cast<std::size_t>(place * kCells), kCells - 1)] += 1;
    mean += place;
    square += place * place;
    n += 1;
  }
  const double spread = std::sqrt(std::max(square / n - (mean / n) * (mean / n), 0.0));
  const double quartiles =
      (quantile_below(sorted, 0.75) - quantile_below(sorted, 0.25)) / (high - low) / 1.349;
  const double scale = quartiles > 0 ? std::min(spread, quartiles) : spread;
  const double width = std::max(0.9 * scale * std::pow(n, -0.2) * kCells, 0.5);
  const std::vector<double> density = smoothed(counts, width);
  // The highest peak on the left of each cell, and on its right.
  std::vector<double> left = density, right = density;
  for (std::size_t i = 1; i < kCells; ++i) left[i] = std::max(left[i - 1], density[i]);
  for (std::size_t i = kCells - 1; i-- > 0;) right[i] = std::max(right[i + 1], density[i]);
  double below = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    below += counts[i];
    const double lower = std::min(left[i], right[i]);
    const bool is_peak = lower > kPeak * right[0];  // not the unevenness of a long tail
    const bool sides = below > kSide * n && n - below > kSide * n;
    if (is_peak && sides && density[i] < kValley * lower) return true;
  }
  return false;
}

std::vector<std::size_t> wide_gaps(std::span<const double> sorted) {
  std::vector<std::size_t> gaps;
  const double n = static_cast<double>(sorted.size());
  const double least = kGap * (quantile_below(sorted, 0.95) - quantile_below(sorted, 0.05));
  std::size_t begin = 0;
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
    if (!(sorted[i + 1] - sorted[i] > least)) continue;
    if (static_cast<double>(i + 1 - begin) < kSide * n) continue;
    if (static_cast<double>(sorted.size() - i - 1) < kSide * n) break;
    gaps.push_back(i);
    begin = i + 1;
  }
  return gaps;
}

}  // namespace diabolo
