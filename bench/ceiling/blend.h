// a = b + a / 2, in place: the loop by which memory bandwidth is measured. Like an optimiser it
// writes where it has read, so that no line is fetched only to be written (STREAM's triad counts
// 3 arrays and moves 4).
#pragma once

#include <cstdint>

namespace bench {

/// Reads two arrays and writes one.
void blend(float* a, const float* b, std::int64_t count);

}  // namespace bench
