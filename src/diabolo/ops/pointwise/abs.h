// |x|.      d/dx = sign(x), 1 at 0
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Abs final : Pointwise1<Abs> {
  static constexpr std::string_view kName = "abs";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::abs(x);
  }
  static Var grad(Var x, Var /*y*/, Var dy) {
    return select(less(x, constant(x.graph(), 0)), -dy, dy);
  }
};

}  // namespace diabolo::ops
