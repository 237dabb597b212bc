#include <diabolo/kernels/bf16.h>
#include <diabolo/kernels/per_level.h>

namespace diabolo::kernels {

DIABOLO_PER_LEVEL(Bf16Kernels, bf16_kernels)

bool have_bf16() { return bf16_hindrance().empty(); }

}  // namespace diabolo::kernels
