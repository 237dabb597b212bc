// a / b.      d/da = 1 / b, d/db = -y / b
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Div final : Pointwise2<Div> {
  static constexpr std::string_view kName = "div";
  template <class T>
  DIABOLO_INLINE static T forward(T a, T b) {
    return a / b;
  }
  static std::pair<Var, Var> grad(Var /*a*/, Var b, Var y, Var dy) {
    return {dy / b, -(dy * y / b)};
  }
  /// A sum over rows times what is the same for all rows is a sum over rows.
  Rows rows(std::span<const Rows> in, const Graph& graph, const Node& node) const override {
    if (in[0].kind == Rows::folded && in[1].kind == Rows::none) return in[0];
    return PointwiseOp::rows(in, graph, node);
  }
};

}  // namespace diabolo::ops
