// log(1 + x), exact near 0.      d/dx = 1 / (1 + x)
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Log1p final : Pointwise1<Log1p> {
  static constexpr std::string_view kName = "log1p";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::log1p(x);
  }
  static Var grad(Var x, Var /*y*/, Var dy) { return dy / (x + 1); }
};

}  // namespace diabolo::ops
