#include <diabolo/base/error.h>
#include <diabolo/kernels/per_level.h>
#include <diabolo/kernels/tile.h>
#include <diabolo/ops/list.h>

namespace diabolo::kernels {

DIABOLO_PER_LEVEL(TileKernels<float>, tile_kernels)

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
