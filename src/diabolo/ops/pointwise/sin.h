// Sine.      d/dx = cos(x)
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Sin final : Pointwise1<Sin> {
  static constexpr std::string_view kName = "sin";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::sin(x);
  }
  static Var grad(Var x, Var /*y*/, Var dy) { return dy * cos(x); }
};

}  // namespace diabolo::ops
