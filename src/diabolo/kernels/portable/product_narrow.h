// Products with up to kNarrowColumns columns whose A lies by rows: C[m, N] = relu(A[m,k] B + bias).
//
// The lanes are rows of C. Square blocks of A are transposed in registers and used up at once, so
// that A is read once and nothing is packed: a pass through memory costs more than such a product.
// Compiled once per level, for f32. 1000x2x100 on Zen 5: 54 GFLOP/s with 256 bits, 75 with 512.
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

// Fours of lanes, numbered through those of x and of y.
template <int... F, class V, std::size_t... I>
DIABOLO_INLINE V pick_fours(V x, V y, std::index_sequence<I...>) {
  constexpr int at[] = {F...};
  return __builtin_shufflevector(x, y, (at[I / 4] * 4 + I % 4)...);
}

template <class V, std::size_t... I>
DIABOLO_INLINE auto join(V low, V high, std::index_sequence<I...>) {
  return __builtin_shufflevector(low, high, I...);
}

// columns[q] = element q of each of the rows at `a`.
template <int Side>
DIABOLO_INLINE void load_transposed(const float* a, std::int64_t stride,
                                    typename FloatsOf<Side>::type* columns) {
  using V = typename FloatsOf<Side>::type;
  constexpr std::make_index_sequence<Side> lanes;
  V rows[Side], t[Side / 4][4];  // four f of lanes of t[g][q]: column 4 f + q of rows 4 g + 0..3
#pragma GCC unroll 16
  for (int i = 0; i < Side; ++i) __builtin_memcpy(&rows[i], a + i * stride, sizeof rows[i]);
#pragma GCC unroll 4
  for (int g = 0; g < Side / 4; ++g) transpose_lanes<Side>(rows + 4 * g, t[g]);
#pragma GCC unroll 4
  for (int q = 0; q < 4; ++q) {
    if constexpr (Side == 4) {
      columns[q] = t[0][q];
    } else if constexpr (Side == 8) {
      columns[q] = pick_fours<0, 2>(t[0][q], t[1][q], lanes);
      columns[q + 4] = pick_fours<1, 3>(t[0][q], t[1][q], lanes);
    } else {
      const V low01 = pick_fours<0, 1, 4, 5>(t[0][q], t[1][q], lanes);
      const V low23 = pick_fours<0, 1, 4, 5>(t[2][q], t[3][q], lanes);
      const V high01 = pick_fours<2, 3, 6, 7>(t[0][q], t[1][q], lanes);
      const V high23 = pick_fours<2, 3, 6, 7>(t[2][q], t[3][q], lanes);
      columns[q] = pick_fours<0, 2, 4, 6>(low01, low23, lanes);
      columns[q + 4] = pick_fours<1, 3, 5, 7>(low01, low23, lanes);
      columns[q + 8] = pick_fours<0, 2, 4, 6>(high01, high23, lanes);
      columns[q + 12] = pick_fours<1, 3, 5, 7>(high01, high23, lanes);
    }
  }
}

// Fours of lanes from every `step` floats.
template <int Lanes>
DIABOLO_INLINE typename FloatsOf<Lanes>::type gather_fours(const float* a, std::int64_t step) {
  if constexpr (Lanes == 4) {
    FloatsOf<4>::type four;
    __builtin_memcpy(&four, a, sizeof four);
    return four;
  } else {
    const auto low = gather_fours<Lanes / 2>(a, step);
    const auto high = gather_fours<Lanes / 2>(a + Lanes / 8 * step, step);
    return join(low, high, std::make_index_sequence<Lanes>{});
  }
}

// Four columns of the rows at `a`, as load_transposed().
template <int Side>
DIABOLO_INLINE void load_four_transposed(const float* a, std::int64_t stride,
                                         typename FloatsOf<Side>::type* columns) {
  typename FloatsOf<Side>::type r[4];  // four f of lanes of r[j]: of row 4 f + j
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) r[j] = gather_fours<Side>(a + j * stride, 4 * stride);
  transpose_lanes<Side>(r, columns);
}

// The rows of C from row i on, a block of A at a time.
template <int N>
DIABOLO_INLINE void narrow_rows(const NarrowWork& x, std::int64_t i) {
  Vector<float> sum[N] = {};
  const float* a = x.a + i * x.k;
  const float* b = x.b;
  for (std::int64_t p = 0; p + kSide <= x.k; p += kSide, a += kSide, b += kSide * N) {
    Vector<float> column[kSide];
    load_transposed<kSide>(a, x.k, column);
#pragma GCC unroll 16
    for (int q = 0; q < kSide; ++q)
#pragma GCC unroll 4
      for (int j = 0; j < N; ++j) sum[j] += column[q] * b[q * N + j];
  }
  // What is left of k in fours; the last of them begins where it still fits.
  for (std::int64_t left = x.k % kSide; left > 0; left -= 4, a += 4, b += 4 * N) {
    const std::int64_t done = left < 4 ? 4 - left : 0;
    Vector<float> column[4];
    load_four_transposed<kSide>(a - done, x.k, column);
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      if (q < done) continue;
#pragma GCC unroll 4
      for (int j = 0; j < N; ++j) sum[j] += column[q] * b[(q - done) * N + j];
    }
  }
  float turned[N][kSide];
#pragma GCC unroll 4
  for (int j = 0; j < N; ++j) {
    Vector<float> v = sum[j];
    if (x.bias) v += x.bias[j];
    if (x.relu) v = relu_of(v);
    save(turned[j], v);
  }
  float* c = x.c + i * N;
  for (int r = 0; r < kSide; ++r)
    for (int j = 0; j < N; ++j) c[r * N + j] = turned[j][r];
}

// The last rows overlap those before them; m and k are at least kSide.
template <int N>
void narrow(const NarrowWork& x) noexcept {
  for (std::int64_t i = 0; i < x.m; i += kSide)
    narrow_rows<N>(x, i + kSide <= x.m ? i : x.m - kSide);
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
