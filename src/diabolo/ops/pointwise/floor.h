// The largest whole number not above x.      d/dx = 0
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Floor final : Pointwise1<Floor> {
  static constexpr std::string_view kName = "floor";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::floor(x);
  }
  static Var grad(Var /*x*/, Var /*y*/, Var /*dy*/) { return Var(); }
};

}  // namespace diabolo::ops
