// The error function: x times a polynomial in x^2 near 0, and 1 - e^P(x) beyond 0.9, up to where it
// rounds to 1. (One quotient of polynomials would take fewer operations, but errs by 6.6 ulp.)
#pragma once

#include <diabolo/base/math/exp.h>

namespace diabolo::math {

/// 2 / sqrt(pi) times the integral of e^-t^2 from 0 to x.
DIABOLO_INLINE float erf(float x) {
  const float a = abs(x);
  const float z = a * a;
  float near = -0.000609035953f;
  near = near * z + 0.00501196273f;
  near = near * z + -0.0267789084f;
  near = near * z + 0.112821408f;
  near = near * z + -0.376125246f;
  near = near * z + 0.128379151f;
  const float c = a > 3.93f ? 3.93f : a;
  float far = 0.000198219306f;
  far = far * c + -0.00306548714f;
  far = far * c + 0.0223152023f;
  far = far * c + -0.104113653f;
  far = far * c + -0.636976123f;
  far = far * c + -1.12779725f;
  far = far * c + -0.00016645038f;
  return detail::with_sign(a > 0.9f ? 1.0f - detail::exp_normal(far) : a + a * near, x);
}
DIABOLO_INLINE double erf(double x) { return ::erf(x); }

/// The distribution function of the standard normal: (1 + erf(x / sqrt 2)) / 2. The float's error
/// is absolute (docs/elementary-functions.md): the far left tail is 0.
DIABOLO_INLINE float normal_cdf(float x) { return 0.5f + 0.5f * erf(x * 0.707106781f); }
DIABOLO_INLINE double normal_cdf(double x) { return 0.5 * ::erfc(-x * 0.70710678118654752440); }

}  // namespace diabolo::math
