// -x.      d/dx = -1
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Neg final : Pointwise1<Neg> {
  static constexpr std::string_view kName = "neg";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return -x;
  }
  static Var grad(Var /*x*/, Var /*y*/, Var dy) { return -dy; }
  /// Linear: a sum over rows stays one.
  Rows rows(std::span<const Rows> in, const Graph&, const Node&) const override { return in[0]; }
};

}  // namespace diabolo::ops
