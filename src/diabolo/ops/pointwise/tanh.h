// Hyperbolic tangent.      d/dx = 1 - y^2
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Tanh final : Pointwise1<Tanh> {
  static constexpr std::string_view kName = "tanh";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::tanh(x);
  }
  static Var grad(Var /*x*/, Var y, Var dy) { return dy * (1 - y * y); }
};

}  // namespace diabolo::ops
