// The logistic family, stable for both signs and without overflow.
#pragma once

#include <diabolo/base/math/log.h>

namespace diabolo::math {

/// 1 / (1 + e^-x).
template <class T>
DIABOLO_INLINE T sigmoid(T x) {
  return T(1) / (T(1) + exp(-x));
}

/// log(1 + e^x).
DIABOLO_INLINE float softplus(float x) {
  return max(x, 0.0f) + detail::log1p_unit(detail::exp_not_positive(-abs(x)));
}
DIABOLO_INLINE double softplus(double x) { return max(x, 0.0) + log1p(exp(-abs(x))); }

/// log(sigmoid(x)) = -softplus(-x).
template <class T>
DIABOLO_INLINE T log_sigmoid(T x) {
  return -softplus(-x);
}

}  // namespace diabolo::math
