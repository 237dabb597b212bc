// Products with few steps of k: C[m,n] = A[m,K] B[K,n] with K up to kShallowSteps, and all that may
// follow, in one pass.
//
// Bound by writing C: a strip of B's columns stays in registers while the rows of A pass, and what
// follows the sums (bias, relu, old C, gate, sums of columns) costs no pass of its own.
// Compiled once per level, for f32. Zen 5: 1000x100x2+bias+relu 55 -> 110 GFLOP/s.
#pragma once

#include <diabolo/kernels/portable/product_tile.h>
#include <diabolo/kernels/product.h>

#include <cstring>

namespace diabolo::kernels::DIABOLO_LEVEL {

inline constexpr int kShallowSteps = kMaxRows > 6 ? 8 : 4;  // by the number of registers

// Columns from j on, Count vectors of type V. Forward there is no old C, gate or sum: to ask for
// them at every row would cost a third of such a product.
template <class V, int Count, int K, bool Forward>
void shallow_strip(const ProductSpec& spec, const ProductArrays<float>& x,
                   std::int64_t j) noexcept {
  constexpr int W = sizeof(V) / sizeof(float);  // NOLINT: V may be float
  const std::int64_t m = spec.m, n = spec.n;
  const bool accumulate = !Forward && spec.accumulate, gated = !Forward && spec.gated;
  const bool add_bias = spec.bias, relu = spec.relu;
  const float* const gate = gated ? x.gate + j : nullptr;
  V b[K][Count], bias[Count] = {}, total[Count] = {};
#pragma GCC unroll 4
  for (int q = 0; q < Count; ++q) {
    if (add_bias) bias[q] = load_as<V>(x.bias + j + q * W);
#pragma GCC unroll 8
    for (int p = 0; p < K; ++p) b[p][q] = load_as<V>(x.b + p * n + j + q * W);
  }
  float* c = x.c + j;
  for (std::int64_t i = 0; i < m; ++i, c += n) {
#pragma GCC unroll 4
    for (int q = 0; q < Count; ++q) {
      V v{};
#pragma GCC unroll 8
      for (int p = 0; p < K; ++p) v += x.a[i * K + p] * b[p][q];
      if (accumulate) v = load_as<V>(c + q * W) + v;
      if (add_bias) v += bias[q];
      if (relu) v = relu_of(v);
      if (gated) v = load_as<V>(gate + i * n + q * W) > V{} ? v : V{};
      if (!Forward) total[q] += v;
      __builtin_memcpy(c + q * W, &v, sizeof v);
    }
  }
  if (!Forward && spec.column_sums) __builtin_memcpy(x.sums + j, total, sizeof total);
}

// Strips of Count vectors as long as there are as many columns, then narrower ones. The last vector
// overlaps what is done, but where that would be added to old C twice.
template <int K, bool Forward, int Count>
DIABOLO_INLINE void shallow_strips(const ProductSpec& spec, const ProductArrays<float>& x,
                                   std::int64_t j) noexcept {
  constexpr int W = kLanes<float>;
  for (; j + Count * W <= spec.n; j += Count * W)
    shallow_strip<Vector<float>, Count, K, Forward>(spec, x, j);
  if constexpr (Count > 1) {
    shallow_strips<K, Forward, Count / 2>(spec, x, j);
  } else {
    if (j < spec.n && spec.n >= W && !spec.accumulate)
      return shallow_strip<Vector<float>, 1, K, Forward>(spec, x, spec.n - W);
    for (; j + 4 <= spec.n; j += 4) shallow_strip<NarrowVector<float>, 1, K, Forward>(spec, x, j);
    for (; j < spec.n; ++j) shallow_strip<float, 1, K, Forward>(spec, x, j);
  }
}

// B lies as [K, n].
template <int K>
void shallow(const ProductSpec& spec, const ProductArrays<float>& x) noexcept {
  constexpr int kStrip = kMaxRows > 6 && K <= 4 ? 4 : 2;  // by the number of registers
  if (spec.accumulate || spec.gated || spec.column_sums)
    shallow_strips<K, false, kStrip>(spec, x, 0);
  else
    shallow_strips<K, true, kStrip>(spec, x, 0);
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
