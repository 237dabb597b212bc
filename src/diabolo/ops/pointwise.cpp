#include <diabolo/base/error.h>
#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

Signature PointwiseOp::infer(const Graph& graph, std::span<const Var> inputs,
                             const Attributes&) const {
  Shape shape;
  for (const Var& input : inputs) {
    check(input.dtype() == graph.real(), ErrorCode::invalid_argument, name(),
          "expected inputs of type {}, got {}; cast them", diabolo::name(graph.real()),
          diabolo::name(input.dtype()));
    shape = broadcast_shapes(shape, input.shape(), name());
  }
  return {graph.real(), shape};
}

// Rows stay apart if they lie on the same axis everywhere. Sums over rows survive only what is
// linear: see the ops that override this.
Rows PointwiseOp::rows(std::span<const Rows> inputs, const Graph&, const Node&) const {
  Rows result{Rows::none, 0};
  for (const Rows& input : inputs) {
    if (input.kind == Rows::none) continue;
    if (input.kind != Rows::apart) return {Rows::mixed, 0};
    if (result.kind == Rows::apart && result.axis != input.axis) return {Rows::mixed, 0};
    result = input;
  }
  return result;
}

double PointwiseOp::flops(const Graph&, const Node& node) const {
  return static_cast<double>(node.shape.size());
}

}  // namespace diabolo::ops
