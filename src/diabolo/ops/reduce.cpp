#include <diabolo/base/error.h>
#include <diabolo/ops/functions.h>
#include <diabolo/ops/reduce.h>

#include <algorithm>

namespace diabolo::ops {
namespace {

bool reduces(const Attributes& a, std::int64_t axis) {
  return std::find(a.ints.begin(), a.ints.end(), axis) != a.ints.end();
}

// The result's shape with the reduced dimensions put back as 1.
Shape kept_shape(const Shape& x, const Attributes& a) {
  Shape shape = x;
  for (const std::int64_t axis : a.ints) shape = shape.with(static_cast<int>(axis), 1);
  return shape;
}

}  // namespace

Signature Reduction::infer(const Graph& graph, std::span<const Var> in, const Attributes& a) const {
  const Shape& x = in[0].shape();
  check(in[0].dtype() == graph.real(), ErrorCode::invalid_argument, name(),
        "expected type {}, got {}; cast it", diabolo::name(graph.real()),
        diabolo::name(in[0].dtype()));
  std::vector<std::int64_t> dims;
  for (int i = 0; i < x.rank(); ++i)
    if (!reduces(a, i)) dims.push_back(x[i]);
  return {graph.real(), Shape(dims)};
}

Rows Reduction::rows(std::span<const Rows> in, const Graph& graph, const Node& node) const {
  const bool is_sum = name() == "sum";
  if (in[0].kind == Rows::folded) return is_sum ? in[0] : Rows{Rows::mixed, 0};
  if (in[0].kind != Rows::apart) return in[0];
  const int rank = graph.node(node.inputs[0]).shape.rank();
  const int row_axis = in[0].axis + rank;
  if (reduces(node.attributes, row_axis)) return {is_sum ? Rows::folded : Rows::mixed, 0};
  int after = 0;
  for (const std::int64_t axis : node.attributes.ints) after += axis > row_axis;
  return {Rows::apart, in[0].axis + after};
}

double Reduction::flops(const Graph& graph, const Node& node) const {
  return static_cast<double>(graph.node(node.inputs[0]).shape.size());
}

std::vector<Var> Sum::gradient(std::span<const Var> in, Var y, Var dy) const {
  const Shape x = in[0].shape();
  return {broadcast_to(reshape(dy, kept_shape(x, y.node().attributes)), x)};
}

std::vector<Var> ReduceMax::gradient(std::span<const Var> in, Var y, Var dy) const {
  const Shape kept = kept_shape(in[0].shape(), y.node().attributes);
  const Var mask = equal(in[0], reshape(y, kept));
  return {select(mask, reshape(dy, kept), constant(dy.graph(), 0))};
}

}  // namespace diabolo::ops
