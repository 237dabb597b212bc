#include <diabolo/kernels/optimizer.h>
#include <diabolo/kernels/per_level.h>

namespace diabolo::kernels {

DIABOLO_PER_LEVEL(OptimizerKernels, optimizer_kernels)

}  // namespace diabolo::kernels
