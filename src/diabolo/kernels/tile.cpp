#include <diabolo/base/error.h>
#include <diabolo/kernels/tile.h>
#include <diabolo/ops/list.h>

namespace diabolo::kernels {

#define DIABOLO_DECLARE(level)              \
  namespace level {                         \
  const TileKernels<float>& tile_kernels(); \
  }
DIABOLO_DECLARE(v2)
#if defined(__x86_64__)
DIABOLO_DECLARE(v3)
DIABOLO_DECLARE(v4)
#endif
#undef DIABOLO_DECLARE

const TileKernels<float>& tile_kernels([[maybe_unused]] Level level) {
#if defined(__x86_64__)
  if (level == Level::v4) return v4::tile_kernels();
  if (level == Level::v3) return v3::tile_kernels();
#endif
  return v2::tile_kernels();
}

template <class T>
PointwiseKernel<T> pointwise_kernel(const TileKernels<T>& kernels, const Op& op, int scalars) {
  const int index = ops::pointwise_index(op);
  ensure(index >= 0, op.name(), "a pointwise op");
  const PointwiseKernel<T> kernel = kernels.pointwise[index << kMaxArity | scalars];
  ensure(kernel != nullptr, op.name(), "a mask of scalar inputs within the arity");
  return kernel;
}

template PointwiseKernel<float> pointwise_kernel(const TileKernels<float>&, const Op&, int);
template PointwiseKernel<double> pointwise_kernel(const TileKernels<double>&, const Op&, int);

}  // namespace diabolo::kernels
