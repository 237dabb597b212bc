// The loops behind TileKernels, for a type T. Included once per level for float, and once for
// double; the includer wraps it in a namespace of its own, so no include guard matters here.
// The compiler vectorises these loops; nothing in them may reorder additions.
#include <diabolo/kernels/portable/philox_blocks.h>

template <class Op, class T, bool S0>
void pointwise1(T* out, const T* const* in, std::int64_t n) {
  const T* a = in[0];
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) out[i] = Op::template forward<T>(a[S0 ? 0 : i]);
}

// A scalar is read before the loop, as `out` may be the array that holds it.
template <class Op, class T, bool S0, bool S1>
void pointwise2(T* out, const T* const* in, std::int64_t n) {
  const T *a = in[0], *b = in[1];
  const T a0 = S0 ? a[0] : T(0), b0 = S1 ? b[0] : T(0);
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i)
    out[i] = Op::template forward<T>(S0 ? a0 : a[i], S1 ? b0 : b[i]);
}

template <class Op, class T, bool S0, bool S1, bool S2>
void pointwise3(T* out, const T* const* in, std::int64_t n) {
  const T *a = in[0], *b = in[1], *c = in[2];
  const T a0 = S0 ? a[0] : T(0), b0 = S1 ? b[0] : T(0), c0 = S2 ? c[0] : T(0);
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i)
    out[i] = Op::template forward<T>(S0 ? a0 : a[i], S1 ? b0 : b[i], S2 ? c0 : c[i]);
}

template <class T>
void from_u8(T* out, const std::uint8_t* in, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(in[i]);
}

template <class T>
void from_i32(T* out, const std::int32_t* in, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(in[i]);
}

struct AddTo {
  template <class T>
  DIABOLO_INLINE static T apply(T a, T b) {
    return a + b;
  }
};

struct MaxTo {
  template <class T>
  DIABOLO_INLINE static T apply(T a, T b) {
    return math::max(a, b);
  }
};

template <class F, class T>
void into_lanes(T* lanes, const T* in, std::int64_t n) {
  T acc[kLanes];
  for (int l = 0; l < kLanes; ++l) acc[l] = lanes[l];
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int l = 0; l < kLanes; ++l) acc[l] = F::apply(acc[l], in[i + l]);
  for (int l = 0; i + l < n; ++l) acc[l] = F::apply(acc[l], in[i + l]);
  for (int l = 0; l < kLanes; ++l) lanes[l] = acc[l];
}

template <class F, class T>
T fold(const T* lanes) {
  T acc[kLanes];
  for (int l = 0; l < kLanes; ++l) acc[l] = lanes[l];
  for (int width = kLanes / 2; width >= 1; width /= 2)
    for (int l = 0; l < width; ++l) acc[l] = F::apply(acc[l], acc[l + width]);
  return acc[0];
}

// Rows of at most 16 numbers, 16 rows at a time, a lane of theirs being a vector over rows. A lane
// never holds -0, so adding the lanes that stay empty would change nothing; they are left out.
template <class F, class T>
void over_short_rows(T* out, const T* in, std::int64_t rows, std::int64_t columns, T zero) {
  for (std::int64_t begin = 0; begin < rows; begin += kLanes, in += kLanes * columns) {
    const std::int64_t n = rows - begin < kLanes ? rows - begin : kLanes;
    T lanes[kLanes][kLanes];
    for (std::int64_t c = 0; c < columns; ++c)
      for (std::int64_t r = 0; r < kLanes; ++r)
        lanes[c][r] = F::apply(zero, in[(r < n ? r : 0) * columns + c]);
    std::int64_t left = columns;
    for (std::int64_t width = kLanes / 2; width >= 1; width /= 2) {
      for (std::int64_t c = 0; c + width < left; ++c)
        for (int r = 0; r < kLanes; ++r) lanes[c][r] = F::apply(lanes[c][r], lanes[c + width][r]);
      left = left < width ? left : width;
    }
    for (std::int64_t r = 0; r < n; ++r) out[begin + r] = lanes[0][r];
  }
}

template <class F, class T>
void over_rows(T* out, const T* in, std::int64_t rows, std::int64_t columns, T zero) {
  if (columns >= 1 && columns <= kLanes && rows > 1)
    return over_short_rows<F, T>(out, in, rows, columns, zero);
  for (std::int64_t r = 0; r < rows; ++r) {
    T lanes[kLanes];
    for (int l = 0; l < kLanes; ++l) lanes[l] = zero;
    into_lanes<F, T>(lanes, in + r * columns, columns);
    out[r] = fold<F, T>(lanes);
  }
}

template <class T>
void add_rows(T* out, const T* in, std::int64_t rows, std::int64_t columns) {
  over_rows<AddTo, T>(out, in, rows, columns, T(0));
}

template <class T>
void max_rows(T* out, const T* in, std::int64_t rows, std::int64_t columns) {
  over_rows<MaxTo, T>(out, in, rows, columns, -T(__builtin_inff()));
}

// A few columns stay in registers.
template <class F, class T, int C>
void over_few_columns(T* acc, const T* in, std::int64_t rows) {
  T sums[C];
  for (int c = 0; c < C; ++c) sums[c] = acc[c];
  for (std::int64_t r = 0; r < rows; ++r)
#pragma GCC unroll 4
    for (int c = 0; c < C; ++c) sums[c] = F::apply(sums[c], in[r * C + c]);
  for (int c = 0; c < C; ++c) acc[c] = sums[c];
}

// Else four rows at a time, so that what was summed is loaded and stored a quarter as often.
template <class F, class T>
void over_columns(T* acc, const T* in, std::int64_t rows, std::int64_t columns) {
  if (columns == 1) return over_few_columns<F, T, 1>(acc, in, rows);
  if (columns == 2) return over_few_columns<F, T, 2>(acc, in, rows);
  if (columns == 3) return over_few_columns<F, T, 3>(acc, in, rows);
  if (columns == 4) return over_few_columns<F, T, 4>(acc, in, rows);
  std::int64_t r = 0;
  for (; r + 4 <= rows; r += 4, in += 4 * columns)
#pragma GCC ivdep
    for (std::int64_t c = 0; c < columns; ++c) {
      const T two = F::apply(F::apply(acc[c], in[c]), in[columns + c]);
      acc[c] = F::apply(F::apply(two, in[2 * columns + c]), in[3 * columns + c]);
    }
  for (; r < rows; ++r, in += columns)
#pragma GCC ivdep
    for (std::int64_t c = 0; c < columns; ++c) acc[c] = F::apply(acc[c], in[c]);
}

template <class T, int C>
void spread_to_few(T* out, const T* in, std::int64_t rows) {
#pragma GCC ivdep
  for (std::int64_t r = 0; r < rows; ++r)
#pragma GCC unroll 4
    for (int c = 0; c < C; ++c) out[r * C + c] = in[r];
}

template <class T>
void spread(T* out, const T* in, std::int64_t stride, std::int64_t rows, std::int64_t columns) {
  if (stride == 1) {
    if (columns == 1) return spread_to_few<T, 1>(out, in, rows);
    if (columns == 2) return spread_to_few<T, 2>(out, in, rows);
    if (columns == 3) return spread_to_few<T, 3>(out, in, rows);
    if (columns == 4) return spread_to_few<T, 4>(out, in, rows);
  }
  for (std::int64_t r = 0; r < rows; ++r, in += stride, out += columns) {
    const T number = *in;
    for (std::int64_t c = 0; c < columns; ++c) out[c] = number;
  }
}

// Word w of Philox to the open interval (0, 1): 23 bits, centred, so that a float holds it exactly.
template <class T>
DIABOLO_INLINE T to_uniform(std::uint32_t w) {
  return (static_cast<T>(static_cast<std::int32_t>(w >> 9)) + T(0.5)) * T(0x1p-23);
}

// Box-Muller on the pairs of columns (0, 1) and (2, 3) of each block, of those that are used.
template <class T>
DIABOLO_INLINE void to_normal(T (&v)[4][kBlocks], std::int64_t columns) {
  for (int p = 0; p < 4 && p < columns; p += 2)
    for (int l = 0; l < kBlocks; ++l) {
      const T radius = math::sqrt(T(-2) * math::log(v[p][l]));
      const T turn = v[p + 1][l];
      v[p][l] = radius * math::cos_2pi(turn);
      v[p + 1][l] = radius * math::sin_2pi(turn);
    }
}

// The columns of 16 blocks, block after block. (GCC 12 does not vectorise the plain loop.)
template <class T>
DIABOLO_INLINE void interleave(T* out, const T (&v)[4][kBlocks]) {
  typedef T Four __attribute__((vector_size(4 * sizeof(T))));
  for (int l = 0; l < kBlocks; l += 4) {
    Four c[4];
    for (int j = 0; j < 4; ++j) __builtin_memcpy(&c[j], &v[j][l], sizeof(Four));
    const Four low01 = __builtin_shufflevector(c[0], c[1], 0, 4, 1, 5);
    const Four low23 = __builtin_shufflevector(c[2], c[3], 0, 4, 1, 5);
    const Four high01 = __builtin_shufflevector(c[0], c[1], 2, 6, 3, 7);
    const Four high23 = __builtin_shufflevector(c[2], c[3], 2, 6, 3, 7);
    const Four b0 = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    const Four b1 = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    const Four b2 = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    const Four b3 = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
    __builtin_memcpy(out + 4 * l, &b0, sizeof b0);
    __builtin_memcpy(out + 4 * l + 4, &b1, sizeof b1);
    __builtin_memcpy(out + 4 * l + 8, &b2, sizeof b2);
    __builtin_memcpy(out + 4 * l + 12, &b3, sizeof b3);
  }
}

// The blocks of a tile are numbered row by row, whatever rows they lie in, and made 16 at a time.
// If the columns are a multiple of four, the blocks of all rows lie in memory one after another.
template <class T>
void noise(T* out, const NoiseTile& tile) {
  const std::int64_t blocks = (tile.columns + 3) / 4;  // of a row
  const std::int64_t count = tile.rows * blocks;
  const std::uint32_t first = tile.stream << 24 | tile.first_column / 4;
  std::int64_t row = 0, block = 0;  // of the next block
  for (std::int64_t begin = 0; begin < count; begin += kBlocks) {
    const std::int64_t used = count - begin < kBlocks ? count - begin : kBlocks;
    std::int64_t out_row = row, out_block = block;
    std::uint64_t c[4][kBlocks];
    if (block + kBlocks <= blocks) {  // all in one row
      const std::uint64_t key = tile.keys[row], place = first + static_cast<std::uint64_t>(block);
      for (int l = 0; l < kBlocks; ++l) {
        c[0][l] = key;
        c[1][l] = key >> 32;
        c[2][l] = tile.draw;
        c[3][l] = place + static_cast<std::uint64_t>(l);
      }
      block += kBlocks;
      if (block == blocks) block = 0, ++row;
    } else {
      for (int l = 0; l < kBlocks; ++l) {
        const std::uint64_t key = tile.keys[row];
        c[0][l] = key;
        c[1][l] = key >> 32;
        c[2][l] = tile.draw;
        c[3][l] = first + static_cast<std::uint64_t>(block);
        // Without branches; blocks beyond the last are made in its row and dropped.
        const bool wraps = block + 1 == blocks;
        block = wraps ? 0 : block + 1;
        row += static_cast<std::int64_t>(wraps & (row + 1 < tile.rows));
      }
    }
    philox_blocks(c, tile.key);
    T v[4][kBlocks];
    for (int j = 0; j < 4; ++j)
      for (int l = 0; l < kBlocks; ++l)
        v[j][l] = to_uniform<T>(static_cast<std::uint32_t>(c[j][l]));
    if (tile.normal) to_normal(v, tile.columns);
    if (tile.columns % 4 == 0 && used == kBlocks) {
      interleave(out + 4 * begin, v);
      continue;
    }
    if (tile.columns == 2) {  // a block is a row
      for (std::int64_t l = 0; l < used; ++l) {
        out[2 * (begin + l)] = v[0][l];
        out[2 * (begin + l) + 1] = v[1][l];
      }
      continue;
    }
    for (int l = 0; l < used; ++l) {
      const std::int64_t left = tile.columns - 4 * out_block;
      for (int j = 0; j < 4 && j < left; ++j)
        out[out_row * tile.columns + 4 * out_block + j] = v[j][l];
      if (++out_block == blocks) out_block = 0, ++out_row;
    }
  }
}

// The entries of an op, one per mask of scalar inputs; masks beyond its arity stay empty.
template <class Op, class T>
constexpr void fill1(PointwiseKernel<T>* at) {
  at[0] = pointwise1<Op, T, false>;
  at[1] = pointwise1<Op, T, true>;
}
template <class Op, class T>
constexpr void fill2(PointwiseKernel<T>* at) {
  at[0] = pointwise2<Op, T, false, false>;
  at[1] = pointwise2<Op, T, true, false>;
  at[2] = pointwise2<Op, T, false, true>;
  at[3] = pointwise2<Op, T, true, true>;
}
template <class Op, class T>
constexpr void fill3(PointwiseKernel<T>* at) {
  at[0] = pointwise3<Op, T, false, false, false>;
  at[1] = pointwise3<Op, T, true, false, false>;
  at[2] = pointwise3<Op, T, false, true, false>;
  at[3] = pointwise3<Op, T, true, true, false>;
  at[4] = pointwise3<Op, T, false, false, true>;
  at[5] = pointwise3<Op, T, true, false, true>;
  at[6] = pointwise3<Op, T, false, true, true>;
  at[7] = pointwise3<Op, T, true, true, true>;
}

#define DIABOLO_COUNT(Name) +1
template <class T>
struct PointwiseTable {
  PointwiseKernel<T> at[(0 DIABOLO_POINTWISE_OPS(DIABOLO_COUNT)) << kMaxArity] = {};

  constexpr PointwiseTable() {
    PointwiseKernel<T>* next = at;
#define DIABOLO_FILL1(Name) fill1<ops::Name, T>(next), next += 1 << kMaxArity;
#define DIABOLO_FILL2(Name) fill2<ops::Name, T>(next), next += 1 << kMaxArity;
#define DIABOLO_FILL3(Name) fill3<ops::Name, T>(next), next += 1 << kMaxArity;
    DIABOLO_POINTWISE1_OPS(DIABOLO_FILL1)
    DIABOLO_POINTWISE2_OPS(DIABOLO_FILL2)
    DIABOLO_POINTWISE3_OPS(DIABOLO_FILL3)
#undef DIABOLO_FILL1
#undef DIABOLO_FILL2
#undef DIABOLO_FILL3
  }
};
#undef DIABOLO_COUNT

template <class T>
const TileKernels<T>& make_tile_kernels() {
  static constexpr PointwiseTable<T> pointwise;
  static constexpr TileKernels<T> kernels{
      .pointwise = pointwise.at,
      .from_u8 = from_u8<T>,
      .from_i32 = from_i32<T>,
      .add_lanes = into_lanes<AddTo, T>,
      .max_lanes = into_lanes<MaxTo, T>,
      .fold_add = fold<AddTo, T>,
      .fold_max = fold<MaxTo, T>,
      .add_rows = add_rows<T>,
      .max_rows = max_rows<T>,
      .add_columns = over_columns<AddTo, T>,
      .max_columns = over_columns<MaxTo, T>,
      .spread = spread<T>,
      .noise = noise<T>,
  };
  return kernels;
}
