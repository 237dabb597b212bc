// log and log1p: x = 2^e (1 + f) with -1/4 <= f < 1/2, then log(1 + f) = f - f^2 / 2 + f^3 P(f).
// That interval makes f exact in log1p too.
#pragma once

#include <diabolo/base/math/exp.h>

namespace diabolo::math {

namespace detail {

/// e ln 2 + log(1 + f), -1/4 <= f < 1/2.
DIABOLO_INLINE float log_of_parts(float e, float f) {
  float p = -0.0450748205f;
  p = p * f + 0.104630269f;
  p = p * f + -0.131611958f;
  p = p * f + 0.144783959f;
  p = p * f + -0.16647312f;
  p = p * f + 0.199908614f;
  p = p * f + -0.250000954f;
  p = p * f + 0.333334506f;
  const float square = f * f;
  const float tail = (square * f * p + e * 1.42860677e-06f) - 0.5f * square;
  return (f + tail) + e * 0.693145752f;
}

/// e * 2^23 of a positive normal number.
DIABOLO_INLINE std::uint32_t log_exponent(float x) {
  return (bits(x) - 0x3f400000u) & 0xff800000u;  // 0x3f400000 is 0.75
}

DIABOLO_INLINE float exponent_value(std::uint32_t e) {
  return static_cast<float>(static_cast<std::int32_t>(e) >> 23);
}

/// log(1 + x) for 0 <= x <= 1. Anything for a NaN.
DIABOLO_INLINE float log1p_unit(float x) {
  // Without a comparison, which the compiler would turn into two logarithms to choose from.
  const std::uint32_t e = log_exponent(1.0f + x);
  const float scale = from_bits(0x3f800000u - e);
  return log_of_parts(exponent_value(e), x * scale + (scale - 1.0f));
}

}  // namespace detail

/// Natural logarithm. -infinity for 0, NaN for x < 0. Denormal numbers count in full.
DIABOLO_INLINE float log(float x) {
  const bool denormal = x < 1.17549435e-38f;
  const float scaled = denormal ? x * 8388608.0f : x;  // 2^23
  const std::uint32_t e = detail::log_exponent(scaled);
  const float f = detail::from_bits(detail::bits(scaled) - e) - 1.0f;
  const float y = detail::log_of_parts(detail::exponent_value(e) - (denormal ? 23.0f : 0.0f), f);
  const float outside = x == 0.0f ? -detail::infinity() : detail::nan();
  const float bounded = x < detail::infinity() ? y : x;
  return x > 0.0f ? bounded : outside;
}
DIABOLO_INLINE double log(double x) { return ::log(x); }

/// log(1 + x), also accurate near 0. -infinity for -1, NaN below.
DIABOLO_INLINE float log1p(float x) {
  const float sum = 1.0f + x;
  const float lost = x - (sum - 1.0f);
  const std::uint32_t e = detail::log_exponent(sum);
  // 2^(1 - e), then a half: 2^-e itself is not a normal number for the largest x.
  const float scale = detail::from_bits(0x40000000u - e);
  const float f = (detail::from_bits(detail::bits(sum) - e) - 1.0f) + 0.5f * (lost * scale);
  const float y = detail::log_of_parts(detail::exponent_value(e), f);
  const float outside = x == -1.0f ? -detail::infinity() : detail::nan();
  const float bounded = x < detail::infinity() ? y : x;
  return x > -1.0f ? bounded : outside;
}
DIABOLO_INLINE double log1p(double x) { return ::log1p(x); }

/// x^y for x > 0 (0 for x = 0 and y > 0). An error of about (1 + |y log x|) ulp.
DIABOLO_INLINE float pow(float x, float y) { return exp(y * log(x)); }
DIABOLO_INLINE double pow(double x, double y) { return ::pow(x, y); }

}  // namespace diabolo::math
