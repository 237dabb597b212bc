// Where there are ones among sixteen floats that are 0 or 1, with AVX-512.
#pragma once

#if defined(__AVX512F__)

#include <immintrin.h>

#include <cstdint>

namespace diabolo::kernels::DIABOLO_LEVEL {

// Sixteen floats, or the first `count` and zeros.
inline __m512i load_bits(const float* a, std::int64_t count) {
  const auto mask = static_cast<__mmask16>(count < 16 ? (1u << count) - 1 : 0xffffu);
  return _mm512_maskz_loadu_epi32(mask, a);
}

inline std::uint32_t mask_of(__m512i bits) { return _mm512_test_epi32_mask(bits, bits); }

// `first` plus the place of each one of the mask, side by side.
inline __m512i places_of(std::uint32_t mask, std::int64_t first) {
  const __m512i sixteen = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i all = _mm512_add_epi32(sixteen, _mm512_set1_epi32(static_cast<int>(first)));
  return _mm512_maskz_compress_epi32(static_cast<__mmask16>(mask), all);
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL

#endif
