// Copies a strip of a matrix into the order in which a tile reads it: dst[p * width + j] is element
// j of the strip at step p of k. Columns beyond `count` are zero, so that tiles need no tails.
// Compiled once per level.
#pragma once

#include <diabolo/base/inline.h>
#include <diabolo/kernels/portable/product_tile.h>

#include <cstdint>
#include <utility>

namespace diabolo::kernels::DIABOLO_LEVEL {

template <int N>
struct FloatsOf {
  typedef float type __attribute__((vector_size(N * sizeof(float))));
};

// In every four lanes, elements P of those of x (0..3) and y (4..7).
template <int... P, class V, std::size_t... I>
DIABOLO_INLINE V pick(V x, V y, std::index_sequence<I...>) {
  constexpr int N = sizeof...(I), at[] = {P...};
  return __builtin_shufflevector(x, y, (at[I % 4] % 4 + I / 4 * 4 + at[I % 4] / 4 * N)...);
}

// In every four lanes, t[q] becomes element q of r[0], r[1], r[2], r[3].
template <int N>
DIABOLO_INLINE void transpose_lanes(const typename FloatsOf<N>::type* r,
                                    typename FloatsOf<N>::type* t) {
  constexpr std::make_index_sequence<N> lanes;
  const auto a = pick<0, 4, 1, 5>(r[0], r[1], lanes), b = pick<0, 4, 1, 5>(r[2], r[3], lanes);
  const auto c = pick<2, 6, 3, 7>(r[0], r[1], lanes), d = pick<2, 6, 3, 7>(r[2], r[3], lanes);
  t[0] = pick<0, 1, 4, 5>(a, b, lanes);
  t[1] = pick<2, 3, 6, 7>(a, b, lanes);
  t[2] = pick<0, 1, 4, 5>(c, d, lanes);
  t[3] = pick<2, 3, 6, 7>(c, d, lanes);
}

// dst[q * dst_stride + j] = src[j * src_stride + q] for q in 0..N-1, j in 0..3: 4 x 4 blocks are
// transposed in registers, as many at once as a vector of N floats holds.
template <int N>
DIABOLO_INLINE void transpose_block(const float* src, std::int64_t src_stride, float* dst,
                                    std::int64_t dst_stride) {
  typename FloatsOf<N>::type r[4], t[4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) __builtin_memcpy(&r[j], src + j * src_stride, sizeof r[j]);
  transpose_lanes<N>(r, t);
#pragma GCC unroll 4
  for (int q = 0; q < 4; ++q) {
    const FloatsOf<4>::type low = __builtin_shufflevector(t[q], t[q], 0, 1, 2, 3);
    __builtin_memcpy(dst + q * dst_stride, &low, sizeof low);
  }
  if constexpr (N > 4) {
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      const FloatsOf<4>::type high = __builtin_shufflevector(t[q], t[q], 4, 5, 6, 7);
      __builtin_memcpy(dst + (4 + q) * dst_stride, &high, sizeof high);
    }
  }
}

// transpose() in blocks of 4 columns and N rows; the last ones overlap those before them.
template <int N>
DIABOLO_INLINE void transpose_blocks(const float* src, std::int64_t src_stride, float* dst,
                                     std::int64_t dst_stride, std::int64_t rows,
                                     std::int64_t cols) {
  constexpr std::int64_t kLine = 16;  // a line of the cache is used up before the next
  for (std::int64_t q0 = 0; q0 < rows; q0 += kLine)
    for (std::int64_t j0 = 0; j0 < cols; j0 += 4)
      for (std::int64_t q1 = q0; q1 < rows && q1 < q0 + kLine; q1 += N) {
        const std::int64_t j = j0 + 4 <= cols ? j0 : cols - 4, q = q1 + N <= rows ? q1 : rows - N;
        transpose_block<N>(src + j * src_stride + q, src_stride, dst + q * dst_stride + j,
                           dst_stride);
      }
}

// dst[q * dst_stride + j] = src[j * src_stride + q] for q < rows, j < cols.
template <class T>
void transpose(const T* __restrict src, std::int64_t src_stride, T* __restrict dst,
               std::int64_t dst_stride, std::int64_t rows, std::int64_t cols) noexcept {
  if constexpr (sizeof(T) == sizeof(float)) {
    constexpr int N = kVectorBytes > 16 ? 8 : 4;
    if (rows >= N && cols >= 4) {
      transpose_blocks<N>(src, src_stride, dst, dst_stride, rows, cols);
      return;
    }
    if (rows >= 4 && cols >= 4) {
      transpose_blocks<4>(src, src_stride, dst, dst_stride, rows, cols);
      return;
    }
  }
  for (std::int64_t q = 0; q < rows; ++q)
    for (std::int64_t j = 0; j < cols; ++j) dst[q * dst_stride + j] = src[j * src_stride + q];
}

// A row of a few elements; one by one they would take longer than the product of a narrow matrix.
template <class T>
DIABOLO_INLINE void copy(const T* __restrict src, std::int64_t count, T* __restrict dst) {
  constexpr std::int64_t kChunk = 4;
  if (count < kChunk) {
    for (std::int64_t j = 0; j < count; ++j) dst[j] = src[j];
    return;
  }
  for (std::int64_t j = 0; j + kChunk < count; j += kChunk)
    __builtin_memcpy(dst + j, src + j, kChunk * sizeof(T));
  const std::int64_t last = count - kChunk;  // may overlap the chunk before it
  __builtin_memcpy(dst + last, src + last, kChunk * sizeof(T));
}

// Element j of the strip at step p is src[p * stride + j], or src[j * stride + p] if `transposed`.
template <class T>
void pack(const T* __restrict src, std::int64_t stride, bool transposed, std::int64_t k,
          std::int64_t count, std::int64_t width, T* __restrict dst) noexcept {
  if (transposed) {
    transpose(src, stride, dst, width, k, count);
  } else {
    for (std::int64_t p = 0; p < k; ++p) copy(src + p * stride, count, dst + p * width);
  }
  if (count < width)
    for (std::int64_t p = 0; p < k; ++p)
      for (std::int64_t j = count; j < width; ++j) dst[p * width + j] = T(0);
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
