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

// v4 has its 32 registers at 256 bits: on Zen 4 the 12 x 2 tile does 110 GFLOP/s, the best tile of
// 512 bits 97 (a broadcast to 512 bits costs more). On Zen 5, v4 does 137 and v4w 270.
#if defined(DIABOLO_WIDE)
inline constexpr int kVectorBytes = 64;
inline constexpr int kMaxRows = 12;
inline constexpr int kFewRows = 4;
#elif defined(__AVX512F__)
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
inline constexpr int kWidestVectors = kMaxRows > 6 ? 8 : 4;

// Vectors of a tile of so many rows: with few, more of them keep the sums from being waited for.
constexpr int most_vectors(std::int64_t rows) {
  return rows <= 2 ? kWidestVectors : rows <= kFewRows ? 4 : 2;
}

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

// A vector, or a number, of any type.
template <class V, class T>
DIABOLO_INLINE V load_as(const T* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

template <class T>
DIABOLO_INLINE Vector<T> load(const T* p) {
  return load_as<Vector<T>>(p);
}

template <class T>
DIABOLO_INLINE void save(T* p, Vector<T> v) {
  __builtin_memcpy(p, &v, sizeof v);
}

// Tiles of few rows wait for memory; they ask for B a little ahead. 4x400x784: 64 -> 103 GFLOP/s.
inline constexpr int kPrefetchRows = 8;
inline constexpr int kPrefetchSteps = 12;
inline constexpr int kLineVectors = 64 / kVectorBytes;  // of a line of the cache

// What a tile does: C[R, V vectors] = relu(A[k,R] B[k, V vectors] + bias). Steps of A and B, rows
// of C are so many elements apart. The last vector may overlap the one before it, so that tiles of
// any width need no padding.
template <class T>
struct TileWork {
  std::int64_t k = 0;
  const T* a = nullptr;
  std::int64_t a_step = 0;
  const T* b = nullptr;
  std::int64_t b_step = 0;
  T* c = nullptr;
  std::int64_t c_row = 0;
  std::int64_t last = 0;           // column of the last vector; the others lie side by side
  const T* column_bias = nullptr;  // null: none; at most one of the two
  const T* row_bias = nullptr;
  bool relu = false;
};

// false for NaN, which stays
template <class V>
DIABOLO_INLINE V relu_of(V v) {
  return v <= V{} ? V{} : v;
}

template <class T, int R, int V>
void tile(const TileWork<T>& work) noexcept {
  constexpr int W = kLanes<T>;
  Vector<T> sum[R][V] = {};
  const T *a = work.a, *b = work.b;
  const std::int64_t a_step = work.a_step, b_step = work.b_step, last = work.last;
  const auto column = [last](int j) { return j + 1 < V ? j * W : last; };
  for (std::int64_t p = 0; p < work.k; ++p, a += a_step, b += b_step) {
    Vector<T> row[V];
#pragma GCC unroll 16
    for (int j = 0; j < V; ++j) row[j] = load(b + column(j));
    if constexpr (R <= kPrefetchRows) {
#pragma GCC unroll 16
      for (int j = 0; j < V; j += kLineVectors)
        __builtin_prefetch(b + kPrefetchSteps * b_step + j * W);
    }
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < V; ++j) sum[i][j] += a[i] * row[j];
  }
  if (work.column_bias) {
#pragma GCC unroll 16
    for (int j = 0; j < V; ++j) {
      const Vector<T> bias = load(work.column_bias + column(j));
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) sum[i][j] += bias;
    }
  }
  if (work.row_bias) {
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < V; ++j) sum[i][j] += work.row_bias[i];
  }
  if (work.relu) {
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < V; ++j) sum[i][j] = relu_of(sum[i][j]);
  }
  T* c = work.c;
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i, c += work.c_row)
#pragma GCC unroll 16
    for (int j = 0; j < V; ++j) save(c + column(j), sum[i][j]);
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
