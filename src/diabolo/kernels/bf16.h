// bfloat16: the upper half of an f32, so its range with 8 bits of precision. Products of operands
// rounded to it are twice as fast where the processor multiplies them; sums stay f32.
#pragma once

#include <diabolo/kernels/level.h>

#include <cstdint>

namespace diabolo::kernels {

/// True if this processor multiplies bfloat16 and this build has the library that does it. The
/// first call starts oneDNN.
bool have_bf16();

/// to[i] = from[i] rounded to the nearest, ties to even. What rounds beyond the largest number is
/// infinity, NaN stays NaN. The same bits at every level.
using RoundToBf16 = void (*)(const float* from, std::uint16_t* to, std::int64_t n) noexcept;
RoundToBf16 round_to_bf16(Level level);

}  // namespace diabolo::kernels
