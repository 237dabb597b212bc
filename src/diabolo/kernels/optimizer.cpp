#include <diabolo/kernels/optimizer.h>

namespace diabolo::kernels {

#define DIABOLO_DECLARE(level)                 \
  namespace level {                            \
  const OptimizerKernels& optimizer_kernels(); \
  }
DIABOLO_DECLARE(v2)
#if defined(__x86_64__)
DIABOLO_DECLARE(v3)
DIABOLO_DECLARE(v4)
#endif
#undef DIABOLO_DECLARE

const OptimizerKernels& optimizer_kernels([[maybe_unused]] Level level) {
#if defined(__x86_64__)
  if (level == Level::v4) return v4::optimizer_kernels();
  if (level == Level::v3) return v3::optimizer_kernels();
#endif
  return v2::optimizer_kernels();
}

}  // namespace diabolo::kernels
