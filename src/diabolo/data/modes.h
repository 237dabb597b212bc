// Does a column of numbers have several modes? Then no single bell can stand for it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace diabolo {

/// True if a smoothed density (Silverman's bandwidth) has a valley less than half as high as the
/// lower of the peaks beside it, with a twentieth of the rows on each side. The lower peak has a
/// twentieth of the height of the highest at least.
bool has_several_modes(std::span<const double> sorted);

/// Places where nothing is: i if no value lies between sorted[i] and sorted[i + 1], which are more
/// than a tenth of the middle nine tenths apart, with a twentieth of the rows on each side.
std::vector<std::size_t> wide_gaps(std::span<const double> sorted);

}  // namespace diabolo
