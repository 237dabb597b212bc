// exp, expm1 and tanh: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial in r, then a scale by 2^n
// put into the exponent bits. ln 2 is split so that n times its first part is exact.
#pragma once

#include <diabolo/base/math/basic.h>

namespace diabolo::math {

namespace detail {

/// x = n ln 2 + r. The low bits of `shifted` hold n.
struct ExpReduced {
  float shifted;
  float r;
};

DIABOLO_INLINE ExpReduced exp_reduce(float x) {
  const float shifted = x * 1.44269504f + round_shift();
  const float n = shifted - round_shift();
  return {shifted, (x - n * 0.693145752f) - n * 1.42860677e-06f};
}

/// e^x where the result is a normal number; anything elsewhere, also for a NaN.
DIABOLO_INLINE float exp_normal(float x) {
  const auto [shifted, r] = exp_reduce(x);
  float p = 0.00138145406f;
  p = p * r + 0.00836874545f;
  p = p * r + 0.041668389f;
  p = p * r + 0.166665211f;
  p = p * r + 0.49999994f;
  p = 1.0f + (r + r * r * p);
  return from_bits(bits(p) + (bits(shifted) << 23));
}

/// The smallest x whose exponential is a normal number.
DIABOLO_INLINE float exp_smallest() { return -87.33654f; }

/// e^x for x <= 0. Anything for a NaN.
DIABOLO_INLINE float exp_not_positive(float x) { return x < exp_smallest() ? 0.0f : exp_normal(x); }

/// e^x - 1 for -30 <= x below the limit of exp; a NaN for a NaN.
DIABOLO_INLINE float expm1_bounded(float x) {
  const auto [shifted, r] = exp_reduce(x);
  float p = 0.00138982316f;
  p = p * r + 0.00836606696f;
  p = p * r + 0.0416668542f;
  p = p * r + 0.16666548f;
  p = p * r + 0.5f;
  p = r + r * r * p;
  // Half of the scale, since 2^128 is not a number; for n = 0 the result is exactly p.
  const float half = from_bits((bits(shifted) << 23) + 0x3f000000u);
  const float y = p * half + (half - 0.5f);
  return y + y;
}

}  // namespace detail

/// e^x. Infinity above 88.72284, 0 where the result is below the smallest normal number.
DIABOLO_INLINE float exp(float x) {
  const float y = x < detail::exp_smallest() ? 0.0f : detail::exp_normal(x);
  return x <= 88.72283f ? y : x + detail::infinity();
}
DIABOLO_INLINE double exp(double x) { return ::exp(x); }

/// e^x - 1, also accurate near 0.
DIABOLO_INLINE float expm1(float x) {
  const float y = detail::expm1_bounded(x < -30.0f ? -30.0f : x);
  return x <= 88.72283f ? y : x + detail::infinity();
}
DIABOLO_INLINE double expm1(double x) { return ::expm1(x); }

/// (1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x.
DIABOLO_INLINE float tanh(float x) {
  const float a = abs(x);
  const float y = detail::expm1_bounded(-2.0f * (a > 10.0f ? 10.0f : a));
  return detail::with_sign((0.0f - y) / (2.0f + y), x);
}
DIABOLO_INLINE double tanh(double x) { return ::tanh(x); }

}  // namespace diabolo::math
