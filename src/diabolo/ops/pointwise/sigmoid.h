// 1 / (1 + e^-x).      d/dx = y (1 - y)
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Sigmoid final : Pointwise1<Sigmoid> {
  static constexpr std::string_view kName = "sigmoid";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::sigmoid(x);
  }
  static Var grad(Var /*x*/, Var y, Var dy) { return dy * y * (1 - y); }
};

}  // namespace diabolo::ops
