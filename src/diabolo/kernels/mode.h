// The two ways to run a plan.
//
// `fast` may use oneDNN; results agree to rounding. `reproducible` uses portable kernels only and
// gives the same bits on every processor, vector width and thread count.
#pragma once

namespace diabolo::kernels {

enum class Mode { fast, reproducible };

/// What the large products of a plan round their operands to; all else is f32.
enum class Precision { f32, bf16 };

}  // namespace diabolo::kernels
