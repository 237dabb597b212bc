// Instruction-set levels that the portable kernels are compiled for.
//
// Each file of kernels/portable is compiled once a level, into `namespace diabolo::kernels::v2`
// and so on; code that is compiled once picks a table by level. The levels are those of the
// x86-64 psABI: v2 (SSE4.2, vectors of 128 bits), v3 (AVX2, 256), v4 (AVX-512, but vectors of 256);
// and v4w, the instructions of v4 with vectors of 512 bits. All give the same bits.
// Other processors have one level, named v2 in code, compiled with the compiler's default flags.
#pragma once

#include <string_view>
#include <vector>

namespace diabolo::kernels {

enum class Level { v2, v3, v4, v4w };

/// "v2", "v3", "v4", "v4w"; "generic" where the processor is not x86-64.
std::string_view name(Level level);

/// The levels that this processor runs, the best last.
std::vector<Level> available_levels();

/// The level called `wanted`, or the best available one if `wanted` is null or empty.
/// Throws `invalid_argument` for an unknown name, `unsupported` for one the processor lacks.
Level choose_level(const char* wanted);

/// choose_level of the environment variable DIABOLO_LEVEL, read once.
Level best_level();

}  // namespace diabolo::kernels
