#include <diabolo/base/error.h>
#include <diabolo/ops/functions.h>
#include <diabolo/ops/layout.h>

#include <algorithm>
#include <numeric>

namespace diabolo::ops {

// --- broadcast_to -------------------------------------------------------------------------------

Signature BroadcastTo::infer(const Graph&, std::span<const Var> in, const Attributes& a) const {
  const Shape shape{std::span<const std::int64_t>(a.ints)};
  check(broadcast_shapes(in[0].shape(), shape, name()) == shape, ErrorCode::shape, name(),
        "expected a shape that {} stretches to, got {}", in[0].shape(), shape);
  return {in[0].dtype(), shape};
}

std::vector<Var> BroadcastTo::gradient(std::span<const Var> in, Var, Var dy) const {
  return {sum_to(dy, in[0].shape())};
}

// --- reshape ------------------------------------------------------------------------------------

Signature Reshape::infer(const Graph&, std::span<const Var> in, const Attributes& a) const {
  const Shape shape{std::span<const std::int64_t>(a.ints)};
  check(shape.size() == in[0].shape().size(), ErrorCode::shape, name(),
        "expected a shape of {} elements, got {}", in[0].shape().size(), shape);
  return {in[0].dtype(), shape};
}

std::vector<Var> Reshape::gradient(std::span<const Var> in, Var, Var dy) const {
  return {diabolo::reshape(dy, in[0].shape())};
}

// Rows of the batch that the graph was built for: of its first batched input.
static std::int64_t batch_rows(const Graph& graph) {
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op->name() == "input" && node.attributes.ints[1] != 0 && node.shape.rank() > 0)
      return node.shape[0];
  }
  return 1;
}

// The row axis is found again by what lies after it: [K, B, Z] <-> [K * B, Z]. It must hold whole
// batches: in [B, Z] -> [B / 2, 2, Z] rows lie along two axes.
Rows Reshape::rows(std::span<const Rows> in, const Graph& graph, const Node& node) const {
  if (in[0].kind != Rows::apart) return in[0];
  const std::int64_t batch = std::max<std::int64_t>(batch_rows(graph), 1);
  const auto trailing = [](const Shape& shape, int axis) {
    std::int64_t n = 1;
    for (int i = axis + 1; i < 0; ++i) n *= shape[i];
    return n;
  };
  const std::int64_t after = trailing(graph.node(node.inputs[0]).shape, in[0].axis);
  for (int axis = -1; axis >= -node.shape.rank(); --axis)
    if (trailing(node.shape, axis) == after && node.shape[axis] != 1)
      return node.shape[axis] % batch == 0 ? Rows{Rows::apart, axis} : Rows{Rows::mixed, 0};
  for (int axis = -node.shape.rank(); axis < 0; ++axis)  // a batch of one
    if (trailing(node.shape, axis) == after && batch == 1) return {Rows::apart, axis};
  return {Rows::mixed, 0};
}

// --- transpose ----------------------------------------------------------------------------------

Signature Transpose::infer(const Graph&, std::span<const Var> in, const Attributes& a) const {
  const Shape& x = in[0].shape();
  std::vector<std::int64_t> sorted = a.ints, dims;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i)
    check(sorted.size() == static_cast<std::size_t>(x.rank()) &&
              sorted[i] == static_cast<std::int64_t>(i),
          ErrorCode::invalid_argument, name(), "expected an order of the {} dimensions of {}",
          x.rank(), x);
  for (const std::int64_t i : a.ints) dims.push_back(x[static_cast<int>(i)]);
  return {in[0].dtype(), Shape(dims)};
}

std::vector<Var> Transpose::gradient(std::span<const Var>, Var y, Var dy) const {
  const auto& order = y.node().attributes.ints;
  std::vector<int> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    back[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
  return {diabolo::transpose(dy, back)};
}

Rows Transpose::rows(std::span<const Rows> in, const Graph&, const Node& node) const {
  if (in[0].kind != Rows::apart) return in[0];
  const int rank = node.shape.rank();
  for (int i = 0; i < rank; ++i)
    if (node.attributes.ints[static_cast<std::size_t>(i)] == in[0].axis + rank)
      return {Rows::apart, i - rank};
  return {Rows::mixed, 0};
}

// --- slice --------------------------------------------------------------------------------------

Signature Slice::infer(const Graph&, std::span<const Var> in, const Attributes& a) const {
  const Shape& x = in[0].shape();
  const auto axis = static_cast<int>(a.ints[0]);
  check(a.ints[1] >= 0 && a.ints[2] >= 0 && a.ints[1] + a.ints[2] <= x[axis], ErrorCode::shape,
        name(), "expected a range within axis {} of {}, got {} entries from {}", axis, x, a.ints[2],
        a.ints[1]);
  return {in[0].dtype(), x.with(axis, a.ints[2])};
}

std::vector<Var> Slice::gradient(std::span<const Var> in, Var y, Var dy) const {
  const auto& a = y.node().attributes.ints;
  const auto axis = static_cast<int>(a[0]);
  const Shape x = in[0].shape();
  std::vector<Var> parts;
  if (a[1] > 0) parts.push_back(full(dy.graph(), x.with(axis, a[1]), 0));
  parts.push_back(dy);
  if (const auto rest = x[axis] - a[1] - a[2]; rest > 0)
    parts.push_back(full(dy.graph(), x.with(axis, rest), 0));
  return {diabolo::concat(parts, axis)};
}

Rows Slice::rows(std::span<const Rows> in, const Graph&, const Node& node) const {
  if (in[0].kind != Rows::apart) return in[0];
  const bool cuts_rows = node.attributes.ints[0] - node.shape.rank() == in[0].axis;
  return cuts_rows ? Rows{Rows::mixed, 0} : in[0];
}

// --- concat -------------------------------------------------------------------------------------

Signature Concat::infer(const Graph&, std::span<const Var> in, const Attributes& a) const {
  const auto axis = static_cast<int>(a.ints[0]);
  check(!in.empty(), ErrorCode::invalid_argument, name(), "expected at least one part, got none");
  std::int64_t length = 0;
  for (const Var& part : in) {
    check(part.dtype() == in[0].dtype() && part.shape().rank() == in[0].shape().rank() &&
              part.shape().with(axis, 0) == in[0].shape().with(axis, 0),
          ErrorCode::shape, name(), "expected parts that differ on axis {} only, got {} and {}",
          axis, in[0].shape(), part.shape());
    length += part.shape()[axis];
  }
  return {in[0].dtype(), in[0].shape().with(axis, length)};
}

std::vector<Var> Concat::gradient(std::span<const Var> in, Var y, Var dy) const {
  const auto axis = static_cast<int>(y.node().attributes.ints[0]);
  std::vector<Var> result;
  std::int64_t begin = 0;
  for (const Var& part : in) {
    const std::int64_t length = part.shape()[axis];
    result.push_back(diabolo::slice(dy, axis, begin, length));
    begin += length;
  }
  return result;
}

Rows Concat::rows(std::span<const Rows> in, const Graph& graph, const Node& node) const {
  Rows result{Rows::none, 0};
  bool constants = false;  // but zeros, which add up to zeros
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Rows& part = in[i];
    if (part.kind == Rows::none) {
      const auto& values = graph.node(node.inputs[i]).attributes.reals;
      constants |= values.size() != 1 || values[0] != 0;
      continue;
    }
    if (part.kind == Rows::mixed) return part;
    if (result.kind != Rows::none && !(result == part)) return {Rows::mixed, 0};
    result = part;
  }
  const bool along_rows =
      result.kind == Rows::apart && node.attributes.ints[0] - node.shape.rank() == result.axis;
  if (along_rows || (constants && result.kind == Rows::folded)) return {Rows::mixed, 0};
  return result;
}

// --- cast, stop_gradient ------------------------------------------------------------------------

Signature Cast::infer(const Graph& graph, std::span<const Var> in, const Attributes&) const {
  check(in[0].dtype() == DType::u8 || in[0].dtype() == DType::i32, ErrorCode::invalid_argument,
        name(), "expected u8 or i32, got {}", diabolo::name(in[0].dtype()));
  return {graph.real(), in[0].shape()};
}

Signature StopGradient::infer(const Graph&, std::span<const Var> in, const Attributes&) const {
  return {in[0].dtype(), in[0].shape()};
}

}  // namespace diabolo::ops
