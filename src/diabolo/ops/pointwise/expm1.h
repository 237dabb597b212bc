// e^x - 1, exact near 0.      d/dx = y + 1
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Expm1 final : Pointwise1<Expm1> {
  static constexpr std::string_view kName = "expm1";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::expm1(x);
  }
  static Var grad(Var /*x*/, Var y, Var dy) { return dy * (y + 1); }
};

}  // namespace diabolo::ops
