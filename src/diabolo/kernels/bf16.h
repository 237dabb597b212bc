// bfloat16: the upper half of an f32, so its range with 8 bits of precision. Products of operands
// rounded to it are twice as fast where the processor multiplies them; sums stay f32.
#pragma once

#include <diabolo/kernels/level.h>

#include <cstdint>
#include <string_view>

namespace diabolo::kernels {

/// True if this processor multiplies bfloat16 and this build has the library that does it. The
/// first call starts oneDNN.
bool have_bf16();

/// What hinders it, as a user would say it; empty if nothing does.
std::string_view bf16_hindrance();

struct Bf16Kernels {
  /// to[i] = from[i] rounded to the nearest, ties to even. What rounds beyond the largest number is
  /// infinity, NaN stays NaN. The same bits at every level.
  void (*round)(const float* from, std::uint16_t* to, std::int64_t n) noexcept;
};

/// The kernels of `level`, which this processor must have.
const Bf16Kernels& bf16_kernels(Level level);

}  // namespace diabolo::kernels
