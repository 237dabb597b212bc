// log gamma(x) for x > 0.      d/dx = digamma(x)
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Lgamma final : Pointwise1<Lgamma> {
  static constexpr std::string_view kName = "lgamma";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::lgamma(x);
  }
  static Var grad(Var x, Var /*y*/, Var dy) { return dy * digamma(x); }
};

}  // namespace diabolo::ops
