// The error function: a rational minimax approximation x P(x^2) / Q(x^2), all terms positive, up to
// where erf rounds to 1.
#pragma once

#include <diabolo/base/math/basic.h>

namespace diabolo::math {

/// 2 / sqrt(pi) times the integral of e^-t^2 from 0 to x.
DIABOLO_INLINE float erf(float x) {
  const float a = abs(x);
  const float c = a > 3.925f ? 3.925f : a;
  const float z = c * c;
  float p = 2.04600367e-06f;
  p = p * z + 2.84845655e-04f;
  p = p * z + 3.77266078e-03f;
  p = p * z + 5.27696465e-02f;
  p = p * z + 1.90596380e-01f;
  p = p * z + 1.12837915f;
  float q = 3.80476373e-05f;
  q = q * z + 1.16388375e-03f;
  q = q * z + 1.49834228e-02f;
  q = q * z + 1.14183807e-01f;
  q = q * z + 5.02244374e-01f;
  q = q * z + 1.0f;
  const float y = c * p / q;
  return detail::with_sign(y > 1.0f ? 1.0f : y, x);
}
DIABOLO_INLINE double erf(double x) { return ::erf(x); }

/// The distribution function of the standard normal: (1 + erf(x / sqrt 2)) / 2. The float's error
/// is absolute (docs/elementary-functions.md): the far left tail is 0.
DIABOLO_INLINE float normal_cdf(float x) { return 0.5f + 0.5f * erf(x * 0.707106781f); }
DIABOLO_INLINE double normal_cdf(double x) { return 0.5 * ::erfc(-x * 0.70710678118654752440); }

}  // namespace diabolo::math
