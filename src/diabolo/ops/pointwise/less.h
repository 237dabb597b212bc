// 1 where a < b, else 0.      No gradient.
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Less final : Pointwise2<Less> {
  static constexpr std::string_view kName = "less";
  template <class T>
  DIABOLO_INLINE static T forward(T a, T b) {
    return a < b ? T(1) : T(0);
  }
  static std::pair<Var, Var> grad(Var /*a*/, Var /*b*/, Var /*y*/, Var /*dy*/) {
    return {Var(), Var()};
  }
};

}  // namespace diabolo::ops
