// Copies a strip of a matrix into the order in which a tile reads it: dst[p * width + j] is element
// j of the strip at step p of k. Columns beyond `count` are zero, so that tiles need no tails.
// Compiled once per level; 4 x 4 blocks are transposed in registers.
#pragma once

#include <diabolo/base/inline.h>

#include <cstdint>

namespace diabolo::kernels::DIABOLO_LEVEL {

typedef float Float4 __attribute__((vector_size(16)));

// dst[q * dst_stride + j] = src[j * src_stride + q] for q, j in 0..3.
DIABOLO_INLINE void transpose4(const float* src, std::int64_t src_stride, float* dst,
                               std::int64_t dst_stride) {
  Float4 r[4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) __builtin_memcpy(&r[j], src + j * src_stride, sizeof r[j]);
  const Float4 a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
  const Float4 b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
  const Float4 c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
  const Float4 d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  const Float4 t[4] = {
      __builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7),
      __builtin_shufflevector(c, d, 0, 1, 4, 5), __builtin_shufflevector(c, d, 2, 3, 6, 7)};
#pragma GCC unroll 4
  for (int q = 0; q < 4; ++q) __builtin_memcpy(dst + q * dst_stride, &t[q], sizeof t[q]);
}

// dst[q * dst_stride + j] = src[j * src_stride + q] for q < rows, j < cols.
template <class T>
void transpose(const T* src, std::int64_t src_stride, T* dst, std::int64_t dst_stride,
               std::int64_t rows, std::int64_t cols) noexcept {
  std::int64_t rows4 = 0, cols4 = 0;
  if constexpr (sizeof(T) == sizeof(float)) {
    rows4 = rows / 4 * 4, cols4 = cols / 4 * 4;
    constexpr std::int64_t kLine = 16;  // a line of the cache is used up before the next
    for (std::int64_t q0 = 0; q0 < rows4; q0 += kLine)
      for (std::int64_t j = 0; j < cols4; j += 4)
        for (std::int64_t q = q0; q < rows4 && q < q0 + kLine; q += 4)
          transpose4(src + j * src_stride + q, src_stride, dst + q * dst_stride + j, dst_stride);
  }
  for (std::int64_t q = 0; q < rows; ++q)
    for (std::int64_t j = q < rows4 ? cols4 : 0; j < cols; ++j)
      dst[q * dst_stride + j] = src[j * src_stride + q];
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
