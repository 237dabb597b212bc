// The portable matrix product, compiled once per level: packing, tiles, loops around them.
//
// A block of columns of B is packed and stays in the second-level cache; for each tile of rows of
// A, packed too, all tiles of the block are computed over the whole of k. A product with few
// columns is computed as its transpose, so that the long side lies along the vector lanes; with up
// to four, by product_narrow.h; with few steps of k, by product_shallow.h.
// The bits are those that product.h defines, whatever is chosen here. Measure: bench/product.
#include <diabolo/kernels/portable/product_finish.h>
#include <diabolo/kernels/portable/product_narrow.h>
#include <diabolo/kernels/portable/product_pack.h>
#include <diabolo/kernels/portable/product_shallow.h>
#include <diabolo/kernels/portable/product_table.h>
#include <diabolo/kernels/portable/product_tile.h>

#include <utility>

namespace diabolo::kernels::DIABOLO_LEVEL {
namespace {

constexpr std::int64_t kBlockBytes = 512 * 1024;  // of packed B: half of a common second level
constexpr std::int64_t kUnpackedTiles = 2;        // of rows: more read B often enough to pack it
constexpr std::int64_t kMinBlockColumns = 128;    // so that packing A again stays cheap

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
std::int64_t min(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
std::int64_t max(std::int64_t a, std::int64_t b) { return a > b ? a : b; }

// One operand as the loops see it: element j of a strip at step p, see pack().
template <class T>
struct Operand {
  const T* data = nullptr;
  std::int64_t stride = 0;
  bool transposed = false;

  const T* strip(std::int64_t j) const { return transposed ? data + j * stride : data + j; }
};

// How the work is cut. Rows and columns are those of C, or of its transpose if `swapped`.
struct Blocking {
  bool swapped = false;
  std::int64_t rows = 0, cols = 0;
  std::int64_t row_tiles = 0;   // rows are shared out among them evenly
  std::int64_t width = 0;       // columns of a tile
  std::int64_t block_cols = 0;  // columns of B packed at a time, whole tiles
  bool pack_a = true, pack_b = true;

  std::int64_t tile_rows() const { return row_tiles ? ceil_div(rows, row_tiles) : 0; }
  // Elements of scratch: packed B, packed A, a tile, its transpose; each of whole vectors.
  std::int64_t b_size(std::int64_t k) const { return block_cols * k; }
  std::int64_t a_size(std::int64_t k, std::int64_t lanes) const {
    return ceil_div(tile_rows() * k, lanes) * lanes;
  }
  std::int64_t tile_size() const { return tile_rows() * width; }
};

// Vector steps per unit of k if `cols` lie along the lanes.
template <class T>
std::int64_t steps(std::int64_t rows, std::int64_t cols) {
  return rows * ceil_div(cols, kLanes<T>);
}

template <class T>
Blocking blocking_of(const ProductSpec& s) {
  Blocking x;
  // Storing the transposed way costs about a tenth of a narrow product, packing A as columns, which
  // as rows would lie right, as much again: v3 400x20x128ta does 62 GFLOP/s swapped, 76 as it is.
  const bool packs_more = s.trans_a && s.n > kUnpackedTiles * kMaxRows;
  const std::int64_t as_is = steps<T>(s.m, s.n), turned = steps<T>(s.n, s.m);
  x.swapped = packs_more ? 5 * as_is > 6 * turned : 9 * as_is > 10 * turned;
  x.rows = x.swapped ? s.n : s.m;
  x.cols = x.swapped ? s.m : s.n;
  x.row_tiles = ceil_div(x.rows, kMaxRows);
  x.width = kLanes<T> * most_vectors(x.rows);
  const bool columns_contiguous = x.swapped ? s.trans_a : !s.trans_b;
  const bool rows_contiguous = x.swapped ? !s.trans_b : s.trans_a;
  x.pack_a = !(rows_contiguous && x.cols <= 2 * x.width);
  x.pack_b = !(columns_contiguous && x.row_tiles <= kUnpackedTiles);
  const std::int64_t fit = kBlockBytes / static_cast<std::int64_t>(sizeof(T)) / max(s.k, 1);
  const std::int64_t block = x.row_tiles <= 1 ? x.width : max(fit, kMinBlockColumns);
  x.block_cols = min(ceil_div(block, x.width), ceil_div(x.cols, x.width)) * x.width;
  return x;
}

template <class T>
using Tile = void (*)(const TileWork<T>& work) noexcept;

// The tiles of T by rows and vectors, from one of each.
template <class T>
struct Tiles {
  Tile<T> at[kMaxRows][kWidestVectors] = {};

  constexpr Tiles() { add_rows(std::make_integer_sequence<int, kMaxRows>{}); }

 private:
  template <int... R>
  constexpr void add_rows(std::integer_sequence<int, R...>) {
    (add_vectors<R>(std::make_integer_sequence<int, most_vectors(R + 1)>{}), ...);
  }
  template <int R, int... V>
  constexpr void add_vectors(std::integer_sequence<int, V...>) {
    ((at[R][V] = &tile<T, R + 1, V + 1>), ...);
  }
};

bool is_narrow(const ProductSpec& s) {
  return s.dtype == DType::f32 && !s.trans_a && !s.accumulate && !s.gated && !s.column_sums &&
         s.n <= kNarrowColumns && s.m >= kSide && s.k >= kSide;
}

bool is_shallow(const ProductSpec& s) {
  return s.dtype == DType::f32 && !s.trans_a && s.k >= 1 && s.k <= kShallowSteps &&
         s.n > kNarrowColumns && s.m > 1;
}

// B as [k, n], in scratch if it lies otherwise.
const float* rows_of_b(const ProductSpec& s, const float* b, void* scratch) {
  if (!s.trans_b) return b;
  pack(b, s.k, true, s.k, s.n, s.n, static_cast<float*>(scratch));
  return static_cast<const float*>(scratch);
}

void run_narrow(const ProductSpec& s, const ProductArrays<float>& x, void* scratch) noexcept {
  const NarrowWork work{.m = s.m,
                        .k = s.k,
                        .a = x.a,
                        .b = rows_of_b(s, x.b, scratch),
                        .bias = s.bias ? x.bias : nullptr,
                        .relu = s.relu,
                        .c = x.c};
  static_assert(kNarrowColumns == 4);
  constexpr void (*kernels[])(const NarrowWork&) noexcept = {narrow<1>, narrow<2>, narrow<3>,
                                                             narrow<4>};
  kernels[s.n - 1](work);
}

template <int... K>
auto shallow_of(std::int64_t k, std::integer_sequence<int, K...>) {
  static constexpr void (*of[])(const ProductSpec&,
                                const ProductArrays<float>&) noexcept = {shallow<K + 1>...};
  return of[k - 1];
}

void run_shallow(const ProductSpec& s, ProductArrays<float> x, void* scratch) noexcept {
  x.b = rows_of_b(s, x.b, scratch);
  shallow_of(s.k, std::make_integer_sequence<int, kShallowSteps>{})(s, x);
}

template <class T>
void run(const ProductSpec& s, const ProductArrays<T>& arrays, void* scratch) noexcept {
  if (s.column_sums)
    for (std::int64_t j = 0; j < s.n; ++j) arrays.sums[j] = T(0);
  if (s.m == 0 || s.n == 0) return;
  if constexpr (sizeof(T) == sizeof(float)) {
    if (is_narrow(s)) return run_narrow(s, arrays, scratch);
    if (is_shallow(s)) return run_shallow(s, arrays, scratch);
  }
  const T *a = arrays.a, *b = arrays.b, *bias = arrays.bias;
  T* const c = arrays.c;
  static constexpr Tiles<T> tiles;
  constexpr std::int64_t W = kLanes<T>;
  const Blocking x = blocking_of<T>(s);
  const Operand<T> of_a{a, s.trans_a ? s.m : s.k, !s.trans_a};
  const Operand<T> of_b{b, s.trans_b ? s.k : s.n, s.trans_b};
  const Operand<T>& row_operand = x.swapped ? of_b : of_a;
  const Operand<T>& col_operand = x.swapped ? of_a : of_b;

  T* const packed_b = static_cast<T*>(scratch);
  T* const packed_a = packed_b + x.b_size(s.k);
  T* const sums = packed_a + x.a_size(s.k, W);
  T* const turned = sums + x.tile_size();
  const std::int64_t small = x.rows / x.row_tiles, larger = x.rows % x.row_tiles;
  // The columns of the tile whose first new one is j. Less than a vector: it begins further left,
  // if there are any, else the vector is filled up with zeros.
  struct Columns {
    std::int64_t start, width;
  };
  const auto columns_from = [&](std::int64_t j) -> Columns {
    const std::int64_t fresh = min(x.width, x.cols - j);
    if (fresh >= W) return {j, fresh};
    return {max(x.cols - W, 0), W};
  };

  for (std::int64_t j0 = 0; j0 < x.cols; j0 += x.block_cols) {
    const std::int64_t j1 = min(j0 + x.block_cols, x.cols);
    for (std::int64_t j = j0; j < j1; j += x.width) {
      const auto [start, width] = columns_from(j);
      if (x.pack_b || x.cols < width)
        pack(col_operand.strip(start), col_operand.stride, col_operand.transposed, s.k,
             min(width, x.cols), width, packed_b + (j - j0) * s.k);
    }
    std::int64_t i = 0;
    for (std::int64_t t = 0; t < x.row_tiles; ++t) {
      const std::int64_t rows = small + (t < larger);
      if (x.pack_a && (x.row_tiles > 1 || j0 == 0))
        pack(row_operand.strip(i), row_operand.stride, row_operand.transposed, s.k, rows, rows,
             packed_a);
      TileWork<T> work{.k = s.k};
      work.a = x.pack_a ? packed_a : row_operand.data + i;
      work.a_step = x.pack_a ? rows : row_operand.stride;
      std::int64_t leftmost = j0;  // column written
      for (std::int64_t j = j0; j < j1; j += x.width) {
        const auto [start, width] = columns_from(j);
        const bool direct = !x.pack_b && x.cols >= width;
        work.b = direct ? col_operand.data + start : packed_b + (j - j0) * s.k;
        work.b_step = direct ? col_operand.stride : width;
        const bool finished = !s.accumulate && (x.swapped || x.cols >= width);
        if (finished) {
          if (s.bias)
            (x.swapped ? work.row_bias : work.column_bias) = bias + (x.swapped ? i : start);
          work.relu = s.relu;
        }
        const bool whole = finished && !x.swapped;
        work.c = whole ? c + i * s.n + start : sums;
        work.c_row = whole ? s.n : width;
        work.last = width - W;
        tiles.at[rows - 1][ceil_div(width, W) - 1](work);
        if (whole) {
          leftmost = min(leftmost, start);
          continue;
        }
        const T* const fresh = sums + (j - start);
        const std::int64_t cols = min(width - (j - start), x.cols - j);
        if (!x.swapped) {
          finish(fresh, width, c + i * s.n + j, s.n, rows, cols, s.accumulate,
                 s.bias ? bias + j : nullptr, s.relu);
        } else if (finished) {
          transpose(fresh, width, c + j * s.n + i, s.n, cols, rows);
        } else {
          transpose(fresh, width, turned, rows, cols, rows);
          finish(turned, rows, c + j * s.n + i, s.n, cols, rows, s.accumulate,
                 s.bias ? bias + i : nullptr, s.relu);
        }
      }
      if (s.gated || s.column_sums) {  // while what was computed is in the first-level cache
        const auto finish_block = [&](std::int64_t row, std::int64_t col, std::int64_t m,
                                      std::int64_t n, T* totals) {
          gate_and_sum(c + row * s.n + col, s.gated ? arrays.gate + row * s.n + col : nullptr, s.n,
                       m, n, totals);
        };
        if (x.swapped)
          finish_block(j0, i, j1 - j0, rows, s.column_sums ? arrays.sums + i : nullptr);
        else
          finish_block(i, j0, rows, j1 - j0, s.column_sums ? arrays.sums + j0 : nullptr);
        // Columns of the block before that were written again are summed already.
        if (s.gated && leftmost < j0) finish_block(i, leftmost, rows, j0 - leftmost, nullptr);
      }
      i += rows;
    }
  }
}

template <class T>
std::size_t scratch_of(const ProductSpec& s) {
  if (is_narrow(s) || is_shallow(s)) return static_cast<std::size_t>(s.k * s.n) * sizeof(T);
  const Blocking x = blocking_of<T>(s);
  return static_cast<std::size_t>(x.b_size(s.k) + x.a_size(s.k, kLanes<T>) + 2 * x.tile_size()) *
         sizeof(T);
}

std::size_t scratch_bytes(const ProductSpec& s) {
  return s.dtype == DType::f64 ? scratch_of<double>(s) : scratch_of<float>(s);
}

void finish_in_place(const ProductSpec& s, const ProductArrays<float>& x) noexcept {
  if (s.bias || s.relu)
    finish<float>(x.c, s.n, x.c, s.n, s.m, s.n, false, s.bias ? x.bias : nullptr, s.relu);
  if (!s.gated && !s.column_sums) return;
  if (s.column_sums)
    for (std::int64_t j = 0; j < s.n; ++j) x.sums[j] = 0;
  gate_and_sum(x.c, s.gated ? x.gate : nullptr, s.n, s.m, s.n, s.column_sums ? x.sums : nullptr);
}

}  // namespace

const ProductTable& product_table() {
  static constexpr ProductTable table{scratch_bytes, run<float>, run<double>, finish_in_place};
  return table;
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
