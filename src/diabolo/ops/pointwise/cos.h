// Cosine.      d/dx = -sin(x)
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Cos final : Pointwise1<Cos> {
  static constexpr std::string_view kName = "cos";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::cos(x);
  }
  static Var grad(Var x, Var /*y*/, Var dy) { return -(dy * sin(x)); }
};

}  // namespace diabolo::ops
