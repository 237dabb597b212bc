// The innermost loop of the matrix product: a tile of R rows by V vectors held in registers.
//
// Compiled once per level. Bound by arithmetic: each step of k does R*V multiplications and R*V
// additions on R + V loaded values. Additions take 3-4 cycles, so a tile wants at least 8 vectors
// of sums; the register file (16 or 32 vectors) bounds R*V + V + the products in flight.
#pragma once

#include <diabolo/base/inline.h>

#include <cstddef>
#include <cstdint>

namespace diabolo::kernels::DIABOLO_LEVEL {

// v4 keeps to 256 bits for its 32 registers: on Zen 4 the 12 x 2 tile does 110 GFLOP/s, the best
// tile of 512 bits 97 (a broadcast to 512 bits costs more); narrow products waste fewer lanes.
#if defined(__AVX512F__)
inline constexpr int kVectorBytes = 32;
inline constexpr int kMaxRows = 12;
inline constexpr int kFewRows = 4;
#elif defined(__AVX__)
inline constexpr int kVectorBytes = 32;
inline constexpr int kMaxRows = 6;
inline constexpr int kFewRows = 2;
#else
inline constexpr int kVectorBytes = 16;
inline constexpr int kMaxRows = 6;
inline constexpr int kFewRows = 2;
#endif
inline constexpr int kMaxVectors = 2;   // of a tile, except that tiles of up to kFewRows rows
inline constexpr int kWideVectors = 4;  // are this wide

template <class T>
inline constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(kVectorBytes)));
  typedef T narrow __attribute__((vector_size(16)));
};
template <class T>
using Vector = typename VectorOf<T>::type;
template <class T>
using NarrowVector = typename VectorOf<T>::narrow;

template <class T>
DIABOLO_INLINE Vector<T> load(const T* p) {
  Vector<T> v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

template <class T>
DIABOLO_INLINE void save(T* p, Vector<T> v) {
  __builtin_memcpy(p, &v, sizeof v);
}

// Tiles of few rows wait for memory; they ask for B a little ahead. 4x400x784: 64 -> 103 GFLOP/s.
inline constexpr int kPrefetchRows = 8;
inline constexpr int kPrefetchSteps = 12;

// C[R, V vectors] = A[k,R] B[k, V vectors]; steps of A and B, rows of C are `lda`, `ldb`, `ldc`
// elements apart. What follows the sum is not done here: more code behind the loop made the
// compiler keep a sum in memory, which cost a third of the speed.
template <class T, int R, int V>
void tile(std::int64_t k, const T* __restrict a, std::int64_t lda, const T* __restrict b,
          std::int64_t ldb, T* __restrict c, std::int64_t ldc) noexcept {
  constexpr int W = kLanes<T>;
  Vector<T> sum[R][V] = {};
  for (std::int64_t p = 0; p < k; ++p, a += lda, b += ldb) {
    Vector<T> row[V];
#pragma GCC unroll 16
    for (int j = 0; j < V; ++j) row[j] = load(b + j * W);
    if constexpr (R <= kPrefetchRows) {
#pragma GCC unroll 16
      for (int j = 0; j < V; ++j) __builtin_prefetch(b + kPrefetchSteps * ldb + j * W);
    }
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < V; ++j) sum[i][j] += a[i] * row[j];
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i, c += ldc)
#pragma GCC unroll 16
    for (int j = 0; j < V; ++j) save(c + j * W, sum[i][j]);
}

// One step of finish(), of a vector or a single element.
template <class V, class T>
DIABOLO_INLINE void finish_at(const T* sums, T* c, bool accumulate, const T* bias, bool relu) {
  V v, other;
  __builtin_memcpy(&v, sums, sizeof v);
  if (accumulate) {
    __builtin_memcpy(&other, c, sizeof other);
    v = other + v;
  }
  if (bias) {
    __builtin_memcpy(&other, bias, sizeof other);
    v = v + other;
  }
  if (relu) v = v <= V{} ? V{} : v;  // false for NaN, which stays
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

}  // namespace diabolo::kernels::DIABOLO_LEVEL
