// lgamma and digamma of x > 0: x is moved up to z >= 8 by the recurrence, then Stirling's series
// (Abramowitz and Stegun 6.1.41, 6.3.18). The float functions compute in double with a logarithm of
// our own: lgamma has zeros at 1 and 2, where float arithmetic would lose everything.
#pragma once

#include <diabolo/base/math/basic.h>

namespace diabolo::math {

namespace detail {

/// log x of a positive normal double, to a few ulp.
DIABOLO_INLINE double log_of_double(double x) {
  // e + 1023 with 3/4 <= m < 3/2. Kept biased, so that no sign is shifted: vector units before
  // AVX-512 cannot do that in 64 bits.
  const std::uint64_t exponent = (bits(x) + 0x0008000000000000u) >> 52;
  const double e = from_bits(exponent | 0x4330000000000000u) - (4503599627370496.0 + 1023.0);
  const double m = from_bits(bits(x) - (exponent << 52) + 0x3ff0000000000000u);
  const double s = (m - 1.0) / (m + 1.0);
  const double z = s * s;  // <= 1 / 25: 2 artanh s by its series
  double p = 1.0 / 19;
  p = p * z + 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return e * 0.69314718055994530942 + 2.0 * (s + s * (z * p));
}

/// x (x + 1) ... (x + 7) and its derivative, and z = x + 8; for x >= 8: 1, 0 and x.
struct Raised {
  double z;
  double product;
  double derivative;
};

DIABOLO_INLINE Raised raise(double x) {
  double product = x, derivative = 1.0;
  for (int k = 1; k < 8; ++k) {
    derivative = derivative * (x + k) + product;
    product = product * (x + k);
  }
  const bool large = x >= 8.0;
  return {large ? x : x + 8.0, large ? 1.0 : product, large ? 0.0 : derivative};
}

DIABOLO_INLINE double lgamma_of(const Raised& raised, double log_z, double log_product) {
  const double u = 1.0 / raised.z, v = u * u;
  double p = 1.0 / 156;
  p = p * v - 691.0 / 360360;
  p = p * v + 1.0 / 1188;
  p = p * v - 1.0 / 1680;
  p = p * v + 1.0 / 1260;
  p = p * v - 1.0 / 360;
  p = p * v + 1.0 / 12;
  return ((raised.z - 0.5) * log_z - raised.z) + (0.91893853320467274178 + (p * u - log_product));
}

DIABOLO_INLINE double digamma_of(const Raised& raised, double log_z) {
  const double u = 1.0 / raised.z, v = u * u;
  double p = 1.0 / 12;
  p = p * v - 691.0 / 32760;
  p = p * v + 1.0 / 132;
  p = p * v - 1.0 / 240;
  p = p * v + 1.0 / 252;
  p = p * v - 1.0 / 120;
  p = p * v + 1.0 / 12;
  return (log_z - 0.5 * u) - (p * v + raised.derivative / raised.product);
}

}  // namespace detail

/// log Gamma(x). Infinity for 0, NaN for x < 0.
DIABOLO_INLINE float lgamma(float x) {
  const detail::Raised raised = detail::raise(static_cast<double>(x));
  const float y = static_cast<float>(detail::lgamma_of(raised, detail::log_of_double(raised.z),
                                                       detail::log_of_double(raised.product)));
  const float outside = x == 0.0f ? detail::infinity() : detail::nan();
  const float bounded = x < detail::infinity() ? y : x;
  return x > 0.0f ? bounded : outside;
}
DIABOLO_INLINE double lgamma(double x) {
  return x >= 0.0 ? ::lgamma(x) : static_cast<double>(detail::nan());
}

/// Derivative of lgamma. -infinity for 0, NaN for x < 0.
DIABOLO_INLINE float digamma(float x) {
  const detail::Raised raised = detail::raise(static_cast<double>(x));
  const float y = static_cast<float>(detail::digamma_of(raised, detail::log_of_double(raised.z)));
  const float outside = x == 0.0f ? -detail::infinity() : detail::nan();
  const float bounded = x < detail::infinity() ? y : x;
  return x > 0.0f ? bounded : outside;
}
DIABOLO_INLINE double digamma(double x) {
  const detail::Raised raised = detail::raise(x);
  const double y = detail::digamma_of(raised, ::log(raised.z));
  const double outside = static_cast<double>(x == 0.0 ? -detail::infinity() : detail::nan());
  return x > 0.0 ? y : outside;
}

}  // namespace diabolo::math
