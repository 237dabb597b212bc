// Products with up to kNarrowColumns columns whose A lies by rows: C[m, N] = relu(A[m,k] B + bias).
//
// The lanes are rows of C. Square blocks of A are transposed in registers and used up at once, so
// that A is read once and nothing is packed: a pass through memory costs more than such a product.
// Compiled once per level, for f32. 1000x2x100 with 256 bits: 23 -> 36 GFLOP/s.
#pragma once

#include <diabolo/kernels/portable/product_pack.h>
#include <diabolo/kernels/portable/product_tile.h>

namespace diabolo::kernels::DIABOLO_LEVEL {

inline constexpr int kNarrowColumns = 4;
inline constexpr int kSide = kLanes<float>;  // of a square block

struct NarrowWork {
  std::int64_t m = 0, k = 0;
  const float* a = nullptr;
  const float* b = nullptr;     // [k, N]
  const float* bias = nullptr;  // null: none
  bool relu = false;
  float* c = nullptr;
};

// columns[q] = element q of each of the rows at `a`.
template <int Side>
DIABOLO_INLINE void load_transposed(const float* a, std::int64_t stride,
                                    typename FloatsOf<Side>::type* columns) {
  typename FloatsOf<Side>::type rows[Side];
#pragma GCC unroll 8
  for (int i = 0; i < Side; ++i) __builtin_memcpy(&rows[i], a + i * stride, sizeof rows[i]);
  if constexpr (Side == 4) {
    transpose_lanes<Side>(rows, columns);
  } else {
    typename FloatsOf<Side>::type upper[4], lower[4];
    transpose_lanes<Side>(rows, upper);
    transpose_lanes<Side>(rows + 4, lower);
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      columns[q] = __builtin_shufflevector(upper[q], lower[q], 0, 1, 2, 3, 8, 9, 10, 11);
      columns[q + 4] = __builtin_shufflevector(upper[q], lower[q], 4, 5, 6, 7, 12, 13, 14, 15);
    }
  }
}

// G blocks of rows from row i on: with few columns one alone would wait for its additions.
template <int N, int G>
DIABOLO_INLINE void narrow_rows(const NarrowWork& x, std::int64_t i) {
  Vector<float> sum[G][N] = {};
  const float* a = x.a + i * x.k;
  const float* b = x.b;
  for (std::int64_t p = 0; p + kSide <= x.k; p += kSide, a += kSide, b += kSide * N) {
#pragma GCC unroll 2
    for (int g = 0; g < G; ++g) {
      Vector<float> column[kSide];
      load_transposed<kSide>(a + g * kSide * x.k, x.k, column);
#pragma GCC unroll 8
      for (int q = 0; q < kSide; ++q)
#pragma GCC unroll 4
        for (int j = 0; j < N; ++j) sum[g][j] += column[q] * b[q * N + j];
    }
  }
  const std::int64_t done = kSide - x.k % kSide;  // of the block that ends at k
  if (done < kSide) {
    a -= done, b -= done * N;
#pragma GCC unroll 2
    for (int g = 0; g < G; ++g) {
      Vector<float> column[kSide];
      load_transposed<kSide>(a + g * kSide * x.k, x.k, column);
#pragma GCC unroll 1
      for (std::int64_t q = done; q < kSide; ++q)
#pragma GCC unroll 4
        for (int j = 0; j < N; ++j) sum[g][j] += column[q] * b[q * N + j];
    }
  }
  float turned[N][G * kSide];
#pragma GCC unroll 2
  for (int g = 0; g < G; ++g)
#pragma GCC unroll 4
    for (int j = 0; j < N; ++j) {
      Vector<float> v = sum[g][j];
      if (x.bias) v += x.bias[j];
      if (x.relu) v = relu_of(v);
      save(turned[j] + g * kSide, v);
    }
  float* c = x.c + i * N;
  for (int r = 0; r < G * kSide; ++r)
    for (int j = 0; j < N; ++j) c[r * N + j] = turned[j][r];
}

// The last rows overlap those before them; m and k are at least kSide.
template <int N>
void narrow(const NarrowWork& x) noexcept {
  constexpr int G = N <= 2 ? 2 : 1, kRows = G * kSide;
  if (x.m < kRows) {
    narrow_rows<N, 1>(x, 0);
    narrow_rows<N, 1>(x, x.m - kSide);
    return;
  }
  for (std::int64_t i = 0; i < x.m; i += kRows)
    narrow_rows<N, G>(x, i + kRows <= x.m ? i : x.m - kRows);
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
