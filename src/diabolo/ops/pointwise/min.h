// The smaller; NaN if either is.      The gradient goes to the smaller, to a when equal.
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Min final : Pointwise2<Min> {
  static constexpr std::string_view kName = "min";
  template <class T>
  DIABOLO_INLINE static T forward(T a, T b) {
    return math::min(a, b);
  }
  static std::pair<Var, Var> grad(Var a, Var b, Var /*y*/, Var dy) {
    return {select(less(b, a), constant(a.graph(), 0), dy),
            select(less(b, a), dy, constant(a.graph(), 0))};
  }
};

}  // namespace diabolo::ops
