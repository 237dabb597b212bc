// e^x.      d/dx = y
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Exp final : Pointwise1<Exp> {
  static constexpr std::string_view kName = "exp";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::exp(x);
  }
  static Var grad(Var /*x*/, Var y, Var dy) { return dy * y; }
};

}  // namespace diabolo::ops
