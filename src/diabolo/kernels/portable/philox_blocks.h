// Philox (base/random.h) for 16 counters at once. Included inside a namespace of the includer,
// after <immintrin.h> on x86-64.
//
// A word is kept in the low half of a 64-bit lane, where the instruction for 32 x 32 -> 64 bits
// reads it; what ends up in the high half is never looked at. GCC 12 does not find this form by
// itself: plain loops took four times as long. Bound by arithmetic: 0.4 ns a number on
// a Zen 4 core with v4.

inline constexpr int kBlocks = 16;

#if defined(__AVX512F__)
using Wide = std::uint64_t __attribute__((vector_size(64)));
DIABOLO_INLINE Wide multiply_low(Wide a, Wide b) {
  // The form without a mask warns in GCC 12 of an uninitialised variable of its own.
  return reinterpret_cast<Wide>(
      _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
#elif defined(__AVX2__)
using Wide = std::uint64_t __attribute__((vector_size(32)));
DIABOLO_INLINE Wide multiply_low(Wide a, Wide b) {
  return reinterpret_cast<Wide>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}
#elif defined(__SSE2__)
using Wide = std::uint64_t __attribute__((vector_size(16)));
DIABOLO_INLINE Wide multiply_low(Wide a, Wide b) {
  return reinterpret_cast<Wide>(
      _mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}
#else
using Wide = std::uint64_t __attribute__((vector_size(16)));
DIABOLO_INLINE Wide multiply_low(Wide a, Wide b) { return (a & 0xffffffffu) * b; }
#endif

/// counters[j][l] is word j of block l, in the low half; the result likewise, in the same place.
DIABOLO_INLINE void philox_blocks(std::uint64_t (&counters)[4][kBlocks], std::uint64_t key) {
  // Two vectors side by side, as a round waits for its products.
  constexpr int kWidth = sizeof(Wide) / sizeof(std::uint64_t);
  for (int l = 0; l < kBlocks; l += 2 * kWidth) {
    Wide c[4][2];
    for (int j = 0; j < 4; ++j)
      for (int i = 0; i < 2; ++i)
        __builtin_memcpy(&c[j][i], &counters[j][l + i * kWidth], sizeof(Wide));
    Wide k0 = Wide{} + key, k1 = Wide{} + (key >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
        const Wide p0 = multiply_low(c[0][i], Wide{} + 0xD2511F53u);
        const Wide p1 = multiply_low(c[2][i], Wide{} + 0xCD9E8D57u);
        c[0][i] = (p1 >> 32) ^ c[1][i] ^ k0;
        c[2][i] = (p0 >> 32) ^ c[3][i] ^ k1;
        c[1][i] = p1;
        c[3][i] = p0;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    for (int j = 0; j < 4; ++j)
      for (int i = 0; i < 2; ++i)
        __builtin_memcpy(&counters[j][l + i * kWidth], &c[j][i], sizeof(Wide));
  }
}
