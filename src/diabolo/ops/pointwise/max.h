// The larger; NaN if either is.      The gradient goes to the larger, to a when equal.
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Max final : Pointwise2<Max> {
  static constexpr std::string_view kName = "max";
  template <class T>
  DIABOLO_INLINE static T forward(T a, T b) {
    return math::max(a, b);
  }
  static std::pair<Var, Var> grad(Var a, Var b, Var /*y*/, Var dy) {
    return {select(less(a, b), constant(a.graph(), 0), dy),
            select(less(a, b), dy, constant(a.graph(), 0))};
  }
};

}  // namespace diabolo::ops
