// What follows the sums of a product: old C, bias and relu; a gate and the sums of columns.
//
// For sums that a tile could not finish in registers, or that another library computed. Blocks that
// are still in the first-level cache cost little. Compiled once per level.
#pragma once

#include <diabolo/kernels/portable/product_tile.h>

namespace diabolo::kernels::DIABOLO_LEVEL {

// One step of finish(), of a vector or a single element.
template <class V, class T>
DIABOLO_INLINE void finish_at(const T* sums, T* c, bool accumulate, const T* bias, bool relu) {
  V v = load_as<V>(sums);
  if (accumulate) v = load_as<V>(c) + v;
  if (bias) v = v + load_as<V>(bias);
  if (relu) v = relu_of(v);
  __builtin_memcpy(c, &v, sizeof v);
}

// What follows the sum: C[rows, cols] = relu(C + sums + bias), each part if wanted. `sums` is C
// itself or does not overlap it.
template <class T>
void finish(const T* sums, std::int64_t sums_stride, T* c, std::int64_t ldc, std::int64_t rows,
            std::int64_t cols, bool accumulate, const T* bias, bool relu) noexcept {
  constexpr int W = kLanes<T>, N = 16 / static_cast<int>(sizeof(T));  // full and narrow vectors
  for (std::int64_t i = 0; i < rows; ++i, sums += sums_stride, c += ldc) {
    std::int64_t j = 0;
    const auto bias_at = [&] { return bias ? bias + j : nullptr; };
    for (; j + W <= cols; j += W)
      finish_at<Vector<T>>(sums + j, c + j, accumulate, bias_at(), relu);
    for (; j + N <= cols; j += N)
      finish_at<NarrowVector<T>>(sums + j, c + j, accumulate, bias_at(), relu);
    for (; j < cols; ++j) finish_at<T>(sums + j, c + j, accumulate, bias_at(), relu);
  }
}

// A strip of columns of gate_and_sum(): V has the lanes of `Count` vectors side by side.
template <class V, int Count, class T>
DIABOLO_INLINE void gate_and_sum_strip(T* c, const T* gate, std::int64_t ldc, std::int64_t rows,
                                       T* sums) {
  constexpr int W = sizeof(V) / sizeof(T);  // NOLINT: V may be T
  V total[Count] = {};
  if (sums) __builtin_memcpy(total, sums, sizeof total);
  for (std::int64_t i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int q = 0; q < Count; ++q) {
      V v = load_as<V>(c + i * ldc + q * W);
      if (gate) {
        v = load_as<V>(gate + i * ldc + q * W) > V{} ? v : V{};
        __builtin_memcpy(c + i * ldc + q * W, &v, sizeof v);
      }
      total[q] += v;
    }
  }
  if (sums) __builtin_memcpy(sums, total, sizeof total);
}

// C = gate > 0 ? C : 0, if there is a gate; adds the rows of C to `sums`, if wanted.
template <class T>
void gate_and_sum(T* c, const T* gate, std::int64_t ldc, std::int64_t rows, std::int64_t cols,
                  T* sums) noexcept {
  constexpr int W = kLanes<T>, N = 16 / static_cast<int>(sizeof(T));
  std::int64_t j = 0;
  const auto at = [&](auto* x) { return x ? x + j : nullptr; };
  for (; j + 4 * W <= cols; j += 4 * W)
    gate_and_sum_strip<Vector<T>, 4>(c + j, at(gate), ldc, rows, at(sums));
  for (; j + W <= cols; j += W)
    gate_and_sum_strip<Vector<T>, 1>(c + j, at(gate), ldc, rows, at(sums));
  for (; j + N <= cols; j += N)
    gate_and_sum_strip<NarrowVector<T>, 1>(c + j, at(gate), ldc, rows, at(sums));
  for (; j < cols; ++j) gate_and_sum_strip<T, 1>(c + j, at(gate), ldc, rows, at(sums));
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
