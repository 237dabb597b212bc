// sin and cos, of radians and of turns: the quarter turn and a rest of at most an eighth of a turn,
// a polynomial for each of the two functions, and a choice by the quarter.
#pragma once

#include <diabolo/base/math/basic.h>

namespace diabolo::math {

namespace detail {

/// The low two bits of `quarter` count quarter turns; `sin` and `cos` are those of the rest.
struct Turned {
  std::uint32_t quarter;
  float sin;
  float cos;
};

DIABOLO_INLINE float sin_turned(const Turned& t) {
  return from_bits(bits(t.quarter & 1u ? t.cos : t.sin) ^ ((t.quarter & 2u) << 30));
}
DIABOLO_INLINE float cos_turned(const Turned& t) {
  return from_bits(bits(t.quarter & 1u ? t.sin : t.cos) ^ (((t.quarter + 1u) & 2u) << 30));
}

/// Of radians, |x| <= 2^28. The rest is taken in double: pi / 2 in three parts, two of which have
/// exact multiples.
DIABOLO_INLINE Turned turn_radians(float x) {
  const double shift = 6755399441055744.0;  // 1.5 * 2^52
  const double shifted = static_cast<double>(x) * 0.63661977236758134308 + shift;
  const double n = shifted - shift;
  const double rest = ((static_cast<double>(x) - n * 0x1.921fb6p+0) + n * 0x1.777a5cp-25) +
                      n * 0x1.ee59d9cceba40p-50;
  const float r = static_cast<float>(rest);
  const float z = r * r;
  float s = -0.000195166562f;
  s = s * z + 0.00833217334f;
  s = s * z + -0.166666552f;
  float c = 2.44377297e-05f;
  c = c * z + -0.00138873619f;
  c = c * z + 0.0416666456f;
  return {static_cast<std::uint32_t>(bits(shifted)), r + r * (z * s),
          (1.0f - 0.5f * z) + z * z * c};
}

/// Of turns, |u| < 2^20.
DIABOLO_INLINE Turned turn_turns(float u) {
  const float shifted = 4.0f * u + round_shift();
  const float r = u - 0.25f * (shifted - round_shift());
  const float z = r * r;
  float s = -75.4334335f;
  s = s * z + 81.5935745f;
  s = s * z + -41.341671f;
  float c = 59.2300453f;
  c = c * z + -85.4433212f;
  c = c * z + 64.9393234f;
  c = c * z + -19.7392082f;
  const float tail = r * (z * s + -1.74845553e-07f);  // the rest of 2 pi
  return {bits(shifted), r * 6.28318548f + tail, 1.0f + z * c};
}

}  // namespace detail

/// Sine of x radians. NaN beyond 2^28, where a float is farther from its neighbour than a turn.
DIABOLO_INLINE float sin(float x) {
  const float y = detail::sin_turned(detail::turn_radians(x));
  return abs(x) <= 0x1p28f ? y : detail::nan();
}
DIABOLO_INLINE double sin(double x) { return ::sin(x); }

/// Cosine of x radians. NaN beyond 2^28.
DIABOLO_INLINE float cos(float x) {
  const float y = detail::cos_turned(detail::turn_radians(x));
  return abs(x) <= 0x1p28f ? y : detail::nan();
}
DIABOLO_INLINE double cos(double x) { return ::cos(x); }

/// sin(2 pi u), |u| < 2^20: for Box-Muller and cyclic features.
DIABOLO_INLINE float sin_2pi(float u) { return detail::sin_turned(detail::turn_turns(u)); }
DIABOLO_INLINE double sin_2pi(double u) { return ::sin(6.28318530717958647693 * u); }

/// cos(2 pi u), |u| < 2^20.
DIABOLO_INLINE float cos_2pi(float u) { return detail::cos_turned(detail::turn_turns(u)); }
DIABOLO_INLINE double cos_2pi(double u) { return ::cos(6.28318530717958647693 * u); }

}  // namespace diabolo::math
