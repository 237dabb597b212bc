// Copies a strip of a matrix into the order in which a tile reads it: dst[p * width + j] is element
// j of the strip at step p of k. Columns beyond `count` are zero, so that tiles need no tails.
// Compiled once per level.
#pragma once

#include <diabolo/base/inline.h>
#include <diabolo/kernels/portable/product_tile.h>

#include <cstdint>

namespace diabolo::kernels::DIABOLO_LEVEL {

template <int N>
struct FloatsOf {
  typedef float type __attribute__((vector_size(N * sizeof(float))));
};

// In every 16 bytes, t[q] becomes element q of r[0], r[1], r[2], r[3].
template <int N>
DIABOLO_INLINE void transpose_lanes(const typename FloatsOf<N>::type* r,
                                    typename FloatsOf<N>::type* t) {
  typename FloatsOf<N>::type a, b, c, d;
  if constexpr (N == 4) {
    a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
    b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
    c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
    d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
    t[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
    t[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
    t[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
    t[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
  } else {
    a = __builtin_shufflevector(r[0], r[1], 0, 8, 1, 9, 4, 12, 5, 13);
    b = __builtin_shufflevector(r[2], r[3], 0, 8, 1, 9, 4, 12, 5, 13);
    c = __builtin_shufflevector(r[0], r[1], 2, 10, 3, 11, 6, 14, 7, 15);
    d = __builtin_shufflevector(r[2], r[3], 2, 10, 3, 11, 6, 14, 7, 15);
    t[0] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    t[1] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    t[2] = __builtin_shufflevector(c, d, 0, 1, 8, 9, 4, 5, 12, 13);
    t[3] = __builtin_shufflevector(c, d, 2, 3, 10, 11, 6, 7, 14, 15);
  }
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
    constexpr int N = kVectorBytes / static_cast<int>(sizeof(float));
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
