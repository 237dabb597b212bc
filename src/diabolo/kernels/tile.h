// Kernels on tiles: the inner loops of pointwise programs (see plan/tile_program.h), reductions and
// noise. f32 kernels exist once per level and give the same bits on each; f64 ones call libm and
// are the oracle of the tests.
//
// Order of addition (part of `numerics: 1`): a sum over the elements of a row keeps 16 running
// lanes, element i going to lane i % 16, and folds them in the tree of `fold` (8, 4, 2, 1).
#pragma once

#include <diabolo/graph/op.h>
#include <diabolo/kernels/level.h>

#include <cstdint>

namespace diabolo::kernels {

/// out[i] = op(in[0][i], in[1][i], ...) for i in [0, n). `out` may be one of the inputs.
template <class T>
using PointwiseKernel = void (*)(T* out, const T* const* in, std::int64_t n);

/// The most inputs of a pointwise op.
inline constexpr int kMaxArity = 3;
inline constexpr int kLanes = 16;
/// Elements of a tile: a few buffers of this size stay in the first-level cache.
inline constexpr std::int64_t kTile = 512;

/// Where a tile of noise lies; see base/random.h for the fields.
struct NoiseTile {
  const std::uint64_t* keys;   // of the tile's rows
  std::int64_t rows, columns;  // of the tile; rows of `out` are `columns` apart
  std::uint64_t key;           // philox_key(seed, pass)
  std::uint32_t stream, draw;  // of all rows of the tile
  std::uint32_t first_column;  // of the tile; a multiple of 4
  bool normal;                 // else uniform
};

template <class T>
struct TileKernels {
  /// By ops::pointwise_index and a bit mask of the inputs that are one number for all i.
  const PointwiseKernel<T>* pointwise;  // [index << kMaxArity | scalar mask]
  void (*from_u8)(T* out, const std::uint8_t* in, std::int64_t n);
  void (*from_i32)(T* out, const std::int32_t* in, std::int64_t n);
  /// lanes[i % 16] += in[i]; `n` counts from lane 0.
  void (*add_lanes)(T* lanes, const T* in, std::int64_t n);
  void (*max_lanes)(T* lanes, const T* in, std::int64_t n);
  T (*fold_add)(const T* lanes);
  T (*fold_max)(const T* lanes);
  /// out[r] = sum over the `columns` of row r, through lanes.
  void (*add_rows)(T* out, const T* in, std::int64_t rows, std::int64_t columns);
  void (*max_rows)(T* out, const T* in, std::int64_t rows, std::int64_t columns);
  /// acc[c] += in[r][c], r in order.
  void (*add_columns)(T* acc, const T* in, std::int64_t rows, std::int64_t columns);
  void (*max_columns)(T* acc, const T* in, std::int64_t rows, std::int64_t columns);
  /// out[r][c] = in[r * stride]
  void (*spread)(T* out, const T* in, std::int64_t stride, std::int64_t rows, std::int64_t columns);
  void (*noise)(T* out, const NoiseTile& tile);
};

/// The f32 kernels of a level.
const TileKernels<float>& tile_kernels(Level level);
/// The f64 kernels.
const TileKernels<double>& oracle_kernels();

template <class T>
const TileKernels<T>& tile_kernels_of(Level level) {
  if constexpr (sizeof(T) == sizeof(float))
    return tile_kernels(level);
  else
    return oracle_kernels();
}

/// The kernel of a pointwise op. `scalars`: bit i set if input i is one number.
template <class T>
PointwiseKernel<T> pointwise_kernel(const TileKernels<T>& kernels, const Op& op, int scalars);

}  // namespace diabolo::kernels
