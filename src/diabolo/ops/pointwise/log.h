// Natural logarithm.      d/dx = 1 / x
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Log final : Pointwise1<Log> {
  static constexpr std::string_view kName = "log";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::log(x);
  }
  static Var grad(Var x, Var /*y*/, Var dy) { return dy / x; }
};

}  // namespace diabolo::ops
