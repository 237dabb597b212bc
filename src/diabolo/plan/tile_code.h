// The program of a tile group: what the compiler writes and the runner runs.
//
// The iteration is a matrix [rows, columns]; a tile is a few whole rows, or a piece of one row.
// Values live in tile buffers, or directly in memory when they are stored or read as they lie.
#pragma once

#include <diabolo/kernels/tile.h>
#include <diabolo/plan/step.h>
#include <diabolo/tensor/shape.h>

#include <vector>

namespace diabolo::plan {

/// How the rows of an array in memory follow the rows of the iteration.
struct RowStride {
  bool uniform = true;
  std::int64_t stride = 0;  // elements a row, if uniform
  int rank = 0;             // else: dimensions and strides before the split
  std::int64_t dims[kMaxRank] = {}, strides[kMaxRank] = {};

  std::int64_t offset(std::int64_t row) const noexcept {
    if (uniform) return row * stride;
    std::int64_t at = 0;
    for (int i = rank - 1; i >= 0; --i) {
      at += row % dims[i] * strides[i];
      row /= dims[i];
    }
    return at;
  }
};

/// Where the numbers of a value are found.
struct TileValue {
  enum Kind {
    buffer,  // a tile buffer
    dense,   // memory laid out as the iteration
    row,     // memory, a contiguous piece of each row (tiles of one row)
    scalar,  // memory, one number a row (tiles of one row) or one number for all
  };
  Kind kind = buffer;
  int slot = -1;  // of a buffer
  Place place{};
  RowStride rows{};
};

struct TileInstruction {
  enum Kind {
    pointwise,
    from_u8,
    from_i32,
    noise,
    repeat_rows,  // a row (or rows, by `rows`) of memory to every row of the tile
    fill_rows,    // a number of memory to every element of a row
    copy,
    add_rows,
    max_rows,
    add_columns,
    max_columns
  };
  Kind kind = pointwise;
  int out = -1;  // value (a reduction's: see `target`)
  int in[kernels::kMaxArity] = {-1, -1, -1};
  int arity = 0;
  int table = 0;  // pointwise: the op's row of the table; rows: number of the sum
  // Loads, casts and noise: the memory read.
  Place source{};
  RowStride rows{};
  // Noise.
  std::uint32_t stream = 0, first_column = 0;
  std::int64_t rows_of_keys = 1;
  bool normal = false;
  // Reductions: where the result lies.
  Place target{};
};

/// The most values of a program: 40 nodes (fusion.cpp) of up to three inputs from outside.
inline constexpr int kMaxTileValues = 160;

struct TileCode {
  std::int64_t rows = 1, columns = 1, tile_rows = 1, tile_columns = 1;
  std::vector<TileValue> values;
  std::vector<TileInstruction> prologue;  // once, before the first tile
  std::vector<TileInstruction> body;      // for every tile
  int buffers = 0, row_reductions = 0;
};

}  // namespace diabolo::plan
