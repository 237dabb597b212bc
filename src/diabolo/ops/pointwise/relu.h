// max(x, 0); NaN stays NaN.      d/dx = 1 where y > 0
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Relu final : Pointwise1<Relu> {
  static constexpr std::string_view kName = "relu";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return x > T(0) ? x : (x == x ? T(0) : x);
  }
  static Var grad(Var /*x*/, Var y, Var dy) {
    return select(less(constant(y.graph(), 0), y), dy, constant(y.graph(), 0));
  }
};

}  // namespace diabolo::ops
