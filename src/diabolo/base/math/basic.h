// Bits, signs, extrema and rounding: see base/math.h.
#pragma once

#include <diabolo/base/inline.h>

#include <cmath>
#include <cstdint>

namespace diabolo::math {

namespace detail {

// std::bit_cast would be a function of its own in builds without optimisation.
DIABOLO_INLINE std::uint32_t bits(float x) { return __builtin_bit_cast(std::uint32_t, x); }
DIABOLO_INLINE std::uint64_t bits(double x) { return __builtin_bit_cast(std::uint64_t, x); }
DIABOLO_INLINE float from_bits(std::uint32_t x) { return __builtin_bit_cast(float, x); }
DIABOLO_INLINE double from_bits(std::uint64_t x) { return __builtin_bit_cast(double, x); }

/// Magnitude of x, sign of `sign`; x must not be negative.
DIABOLO_INLINE float with_sign(float x, float sign) {
  return from_bits(bits(x) | (bits(sign) & 0x80000000u));
}

// Adding this number leaves an integer, rounded to even, in the low bits of the sum.
DIABOLO_INLINE float round_shift() { return 12582912.0f; }  // 1.5 * 2^23

DIABOLO_INLINE float infinity() { return __builtin_inff(); }
DIABOLO_INLINE float nan() { return __builtin_nanf(""); }

}  // namespace detail

DIABOLO_INLINE float abs(float x) { return __builtin_fabsf(x); }
DIABOLO_INLINE double abs(double x) { return __builtin_fabs(x); }

/// Correctly rounded; NaN for x < 0.
DIABOLO_INLINE float sqrt(float x) { return __builtin_sqrtf(x); }
DIABOLO_INLINE double sqrt(double x) { return __builtin_sqrt(x); }

/// The larger one; NaN if either is. Equal numbers (zeros of two signs): the second.
template <class T>
DIABOLO_INLINE T max(T a, T b) {
  const T larger = a > b ? a : b;  // b if either is NaN
  return a != a ? a : larger;
}

/// The smaller one; NaN if either is. Equal numbers (zeros of two signs): the second.
template <class T>
DIABOLO_INLINE T min(T a, T b) {
  const T smaller = a < b ? a : b;
  return a != a ? a : smaller;
}

/// The nearest integer; halves go to the even one.
DIABOLO_INLINE float round_even(float x) {
  const float a = abs(x);
  const float rounded = (a + 8388608.0f) - 8388608.0f;  // 2^23
  return a < 8388608.0f ? detail::with_sign(rounded, x) : x;
}
DIABOLO_INLINE double round_even(double x) { return ::nearbyint(x); }

/// The largest integer that is not above x.
DIABOLO_INLINE float floor(float x) {
  const float rounded = round_even(x);
  return rounded > x ? rounded - 1.0f : rounded;
}
DIABOLO_INLINE double floor(double x) { return ::floor(x); }

}  // namespace diabolo::math
