// Derivative of lgamma for x > 0. Its own derivative is not offered: zero.
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Digamma final : Pointwise1<Digamma> {
  static constexpr std::string_view kName = "digamma";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::digamma(x);
  }
  static Var grad(Var /*x*/, Var /*y*/, Var /*dy*/) { return Var(); }
};

}  // namespace diabolo::ops
