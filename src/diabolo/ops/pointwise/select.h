// mask != 0 ? a : b.      The gradient is selected too, since 0 * inf is NaN.
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Select final : Pointwise3<Select> {
  static constexpr std::string_view kName = "select";
  template <class T>
  DIABOLO_INLINE static T forward(T mask, T a, T b) {
    return mask != T(0) ? a : b;
  }
  static std::array<Var, 3> grad(Var mask, Var /*a*/, Var /*b*/, Var /*y*/, Var dy) {
    const Var zero = constant(dy.graph(), 0);
    return {Var(), select(mask, dy, zero), select(mask, zero, dy)};
  }
};

}  // namespace diabolo::ops
