// Where a number lies among the bins of a column: `edges` do not fall, and a bin of no width is one
// value. Inline: every number of every row comes along here.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace diabolo {

/// The bin of x: a bin of no width for its own value, else the one with edge_b <= x < edge_b+1; the
/// first or the last beyond the edges.
inline std::size_t bin_of(const std::vector<double>& edges, double x) {
  // How many edges are not above x. No branches: half of them would be guessed wrong, at five times
  // the cost of all.
  const double* base = edges.data();
  for (std::size_t n = edges.size(); n > 1;) {
    const std::size_t half = n / 2;
    base += half * static_cast<std::size_t>(base[half - 1] <= x);
    n -= half;
  }
  const auto above = static_cast<std::size_t>(base - edges.data()) + (*base <= x ? 1 : 0);
  if (above >= 2 && edges[above - 1] == x && edges[above - 2] == x) return above - 2;
  return std::min(above == 0 ? 0 : above - 1, edges.size() - 2);
}

/// b + (x - edge_b) / (edge_b+1 - edge_b), held within [b, b + 1) as a float.
inline double cell_in_bin(const std::vector<double>& edges, std::size_t b, double x) {
  const double low = edges[b], width = edges[b + 1] - low, place = static_cast<double>(b);
  if (!(width > 0)) return place + 0.5;
  const double cell = place + std::max((x - low) / width, 0.0);
  if (static_cast<float>(cell) < static_cast<float>(b + 1)) return cell;
  return static_cast<double>(std::nextafter(static_cast<float>(b + 1), 0.0f));
}

}  // namespace diabolo
