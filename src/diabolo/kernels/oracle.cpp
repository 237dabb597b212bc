// The f64 tile kernels: the same loops over libm. They exist to check the others, not to be fast.
#include <diabolo/base/random.h>
#include <diabolo/kernels/tile.h>
#include <diabolo/ops/ops.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace diabolo::kernels {
namespace oracle {

#include <diabolo/kernels/portable/tile_loops.h>

}  // namespace oracle

const TileKernels<double>& oracle_kernels() { return oracle::make_tile_kernels<double>(); }

}  // namespace diabolo::kernels
