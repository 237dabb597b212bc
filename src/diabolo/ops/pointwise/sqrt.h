// Square root.      d/dx = 1 / (2 y)
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Sqrt final : Pointwise1<Sqrt> {
  static constexpr std::string_view kName = "sqrt";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::sqrt(x);
  }
  static Var grad(Var /*x*/, Var y, Var dy) { return dy * 0.5 / y; }
};

}  // namespace diabolo::ops
