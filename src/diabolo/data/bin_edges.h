// Bins of a column of numbers: from quantiles of a sample, so that each holds about as many rows. A
// value of many rows becomes a bin of its own: of no width, or on a lattice of its one point. On a
// lattice edges lie half a step between points. The first and the last bin end at the extremes.
#pragma once

#include <span>
#include <vector>

namespace diabolo {

/// `sample` is sorted and not empty, within [low, high]; about `bins` bins.
std::vector<double> bin_edges(std::span<const double> sample, double low, double high, double step,
                              int bins);

}  // namespace diabolo
