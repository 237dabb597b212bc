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

inline constexpr int kShallowSteps = 4;

template <class V>
DIABOLO_INLINE V load_as(const float* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

// Columns from j on, Count vectors of type V.
template <class V, int Count, int K>
void shallow_strip(const ProductSpec& spec, const ProductArrays<float>& x,
                   std::int64_t j) noexcept {
  constexpr int W = sizeof(V) / sizeof(float);
  const std::int64_t m = spec.m, n = spec.n;
  const bool accumulate = spec.accumulate, relu = spec.relu;
  const float* const gate = spec.gated ? x.gate + j : nullptr;
  V b[K][Count], bias[Count] = {}, total[Count] = {};
#pragma GCC unroll 4
  for (int q = 0; q < Count; ++q) {
    if (spec.bias) bias[q] = load_as<V>(x.bias + j + q * W);
#pragma GCC unroll 4
    for (int p = 0; p < K; ++p) b[p][q] = load_as<V>(x.b + p * n + j + q * W);
  }
  float* c = x.c + j;
  for (std::int64_t i = 0; i < m; ++i, c += n) {
#pragma GCC unroll 4
    for (int q = 0; q < Count; ++q) {
      V v{};
#pragma GCC unroll 4
      for (int p = 0; p < K; ++p) v += x.a[i * K + p] * b[p][q];
      if (accumulate) v = load_as<V>(c + q * W) + v;
      if (spec.bias) v += bias[q];
      if (relu) v = relu_of(v);
      if (gate) v = load_as<V>(gate + i * n + q * W) > V{} ? v : V{};
      total[q] += v;
      __builtin_memcpy(c + q * W, &v, sizeof v);
    }
  }
  if (spec.column_sums) __builtin_memcpy(x.sums + j, total, sizeof total);
}

// B lies as [K, n].
template <int K>
void shallow(const ProductSpec& spec, const ProductArrays<float>& x) noexcept {
  constexpr int W = kLanes<float>, kStrip = kMaxRows > 6 ? 4 : 2;  // by the number of registers
  std::int64_t j = 0;
  for (; j + kStrip * W <= spec.n; j += kStrip * W)
    shallow_strip<Vector<float>, kStrip, K>(spec, x, j);
  if constexpr (kStrip > 2)
    for (; j + 2 * W <= spec.n; j += 2 * W) shallow_strip<Vector<float>, 2, K>(spec, x, j);
  for (; j + W <= spec.n; j += W) shallow_strip<Vector<float>, 1, K>(spec, x, j);
  for (; j + 4 <= spec.n; j += 4) shallow_strip<NarrowVector<float>, 1, K>(spec, x, j);
  for (; j < spec.n; ++j) shallow_strip<float, 1, K>(spec, x, j);
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
