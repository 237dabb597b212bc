// Which values of a row are missing together: the patterns of some rows of the data, kept in the
// model so that new rows can have holes as the data has them. The values of a row and its holes are
// drawn independently: a pattern does not know which values it hides.
#pragma once

#include <diabolo/data/dataset.h>

#include <string>

namespace diabolo {

struct HolePattern {
  std::string missing;    ///< a bit for each dimension, 8 in a byte, the lowest first
  std::int64_t rows = 0;  ///< that have it

  friend bool operator==(const HolePattern&, const HolePattern&) = default;
};

/// The patterns of all rows of the data, or of `kHoleRows` of them, spread over all; each once, in
/// the order of their bits. Empty if no value of the data is missing.
inline constexpr std::int64_t kHoleRows = 1000;
std::vector<HolePattern> hole_patterns(const Dataset& data, std::uint64_t seed);

/// Makes values missing (NaN) by the pattern of a random row for each. Row i depends on the seed
/// and i alone. `rows` must be f32 and as wide as the data were.
void make_holes(std::span<const HolePattern> patterns, std::uint64_t seed, Tensor& rows);

}  // namespace diabolo
