// a + b.      d/da = d/db = 1
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Add final : Pointwise2<Add> {
  static constexpr std::string_view kName = "add";
  template <class T>
  DIABOLO_INLINE static T forward(T a, T b) {
    return a + b;
  }
  static std::pair<Var, Var> grad(Var /*a*/, Var /*b*/, Var /*y*/, Var dy) { return {dy, dy}; }
  /// Linear: sums over rows add up to a sum over rows.
  Rows rows(std::span<const Rows> in, const Graph& graph, const Node& node) const override {
    if (in[0].kind == Rows::folded && in[1].kind == Rows::folded) return in[0];
    return PointwiseOp::rows(in, graph, node);
  }
};

}  // namespace diabolo::ops
