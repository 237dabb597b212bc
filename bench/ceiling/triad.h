// a = b + s c: the loop by which memory bandwidth is measured (McCalpin's STREAM triad).
#pragma once

#include <cstdint>

namespace bench {

void triad(float* a, const float* b, const float* c, std::int64_t count);

}  // namespace bench
