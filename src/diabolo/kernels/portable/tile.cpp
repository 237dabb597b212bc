// The f32 tile kernels of one level.
#include <diabolo/base/random.h>
#include <diabolo/kernels/tile.h>
#include <diabolo/ops/ops.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace diabolo::kernels::DIABOLO_LEVEL {

#include <diabolo/kernels/portable/tile_loops.h>

const TileKernels<float>& tile_kernels() { return make_tile_kernels<float>(); }

}  // namespace diabolo::kernels::DIABOLO_LEVEL
