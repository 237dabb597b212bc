// log(1 + e^x), stable for both signs.      d/dx = sigmoid(x)
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Softplus final : Pointwise1<Softplus> {
  static constexpr std::string_view kName = "softplus";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::softplus(x);
  }
  static Var grad(Var x, Var /*y*/, Var dy) { return dy * sigmoid(x); }
};

}  // namespace diabolo::ops
