// Rules that keep every bit of the result, but for x * c1 * c2, which becomes x * (c1 * c2), and
// for x + 0, which is x also for x = -0. They are part of `numerics: 1`.
#include <diabolo/ops/ops.h>
#include <diabolo/plan/rewrite.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace diabolo::plan {
namespace {

template <class O>
bool is(const Node& node) {
  return node.op == &ops::op<O>();
}

template <class O>
bool is(Var x) {
  return is<O>(x.node());
}

Var input_of(Var x, std::size_t i = 0) { return {&x.graph(), x.node().inputs[i]}; }

// Pointwise ops broadcast by themselves: a stretched input, or a constant array of one value, is
// replaced by what it was made from if the result keeps its shape.
std::vector<Var> without_broadcasts(Graph& graph, const Node& node, std::span<const Var> inputs) {
  std::vector<Var> result(inputs.begin(), inputs.end());
  for (std::size_t i = 0; i < result.size(); ++i) {
    double value = 0;
    Var smaller;
    if (is<ops::BroadcastTo>(result[i]))
      smaller = input_of(result[i]);
    else if (is_splat(result[i].node(), &value) && result[i].shape().rank() > 0)
      smaller = constant(graph, value);
    if (!smaller) continue;
    Shape shape = smaller.shape();
    for (std::size_t k = 0; k < result.size(); ++k)
      if (k != i) shape = broadcast_shapes(shape, result[k].shape(), "simplify");
    if (shape == node.shape) result[i] = smaller;
  }
  return result;
}

// x with its shape kept, where one of the two inputs is the neutral element of the op.
Var neutral(const Node& node, std::span<const Var> in) {
  double value = 0;
  const auto equals = [&](std::size_t i, double wanted) {
    return is_splat(in[i].node(), &value) && value == wanted && in[1 - i].shape() == node.shape;
  };
  if (is<ops::Mul>(node)) return equals(1, 1) ? in[0] : equals(0, 1) ? in[1] : Var();
  if (is<ops::Add>(node)) return equals(1, 0) ? in[0] : equals(0, 0) ? in[1] : Var();
  if (is<ops::Div>(node)) return equals(1, 1) ? in[0] : Var();
  if (is<ops::Sub>(node)) return equals(1, 0) ? in[0] : Var();
  return {};
}

// Neither overflows nor underflows as a float: then rounding is all that merging two factors
// changes.
bool is_tame(double factor) {
  const double size = std::abs(factor);
  return size >= static_cast<double>(std::numeric_limits<float>::min()) &&
         size <= static_cast<double>(std::numeric_limits<float>::max());
}

// (x * c1) * c2 = x * (c1 c2)
Var merged_scale(const Node& node, std::span<const Var> in) {
  double outer = 0, inner = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!is_splat(in[i].node(), &outer) || !is<ops::Mul>(in[1 - i])) continue;
    for (std::size_t k = 0; k < 2; ++k) {
      const Var x = input_of(in[1 - i], 1 - k);
      if (is_splat(input_of(in[1 - i], k).node(), &inner) && x.shape() == node.shape &&
          is_tame(inner * outer) && is_tame(inner) && is_tame(outer))
        return x * (inner * outer);
    }
  }
  return {};
}

struct Piece {
  std::int64_t begin;
  Var part;
};

// The parts of a concatenation that are not zeros.
void add_pieces(Var x, int axis, std::vector<Piece>& pieces) {
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < x.node().inputs.size(); ++i) {
    const Var part = input_of(x, i);
    double value = 0;
    if (!is_splat(part.node(), &value) || value != 0) pieces.push_back({begin, part});
    begin += part.shape()[axis];
  }
}

// [x, 0] + [0, y] = [x, y]: so end the gradients of slices of one array.
Var laid_together(Graph& graph, std::span<const Var> in) {
  if (!is<ops::Concat>(in[0]) || !is<ops::Concat>(in[1]) || in[0].shape() != in[1].shape() ||
      in[0].node().attributes.ints != in[1].node().attributes.ints)
    return {};
  const auto axis = static_cast<int>(in[0].node().attributes.ints[0]);
  const Shape shape = in[0].shape();
  std::vector<Piece> pieces;
  for (const Var x : in) add_pieces(x, axis, pieces);
  std::ranges::stable_sort(pieces, {}, &Piece::begin);
  std::vector<Var> parts;
  std::int64_t end = 0;
  const auto zeros_until = [&](std::int64_t begin) {
    if (begin > end) parts.push_back(full(graph, shape.with(axis, begin - end), 0));
  };
  for (const auto& [begin, part] : pieces) {
    if (begin < end) return {};  // they overlap
    zeros_until(begin);
    parts.push_back(part);
    end = begin + part.shape()[axis];
  }
  zeros_until(shape[axis]);
  return concat(parts, axis);
}

Var pointwise(Graph& graph, const Node& node, std::span<const Var> given) {
  if (is<ops::Add>(node))
    if (const Var x = laid_together(graph, given)) return x;
  const std::vector<Var> in = without_broadcasts(graph, node, given);
  if (is<ops::Neg>(node) && is<ops::Neg>(in[0])) return input_of(in[0]);
  if (in.size() == 2) {
    if (const Var x = neutral(node, in)) return x;
    if (is<ops::Mul>(node))
      if (const Var x = merged_scale(node, in)) return x;
  }
  return copy(graph, node, in);
}

Var transposed(Graph& graph, const Node& node, std::span<const Var> in) {
  const auto& order = node.attributes.ints;
  std::vector<std::int64_t> same(order.size());
  std::iota(same.begin(), same.end(), 0);
  if (order == same) return in[0];
  if (is<ops::Transpose>(in[0])) {
    const auto& before = in[0].node().attributes.ints;
    std::vector<int> both;
    for (const std::int64_t i : order)
      both.push_back(static_cast<int>(before[static_cast<std::size_t>(i)]));
    if (std::vector<std::int64_t>(both.begin(), both.end()) == same) return input_of(in[0]);
    return transpose(input_of(in[0]), both);
  }
  return copy(graph, node, in);
}

// A product reads a transposed matrix as it lies.
Var product(const Node& node, std::span<const Var> in) {
  Var a = in[0], b = in[1];
  bool trans_a = node.attributes.ints[0], trans_b = node.attributes.ints[1];
  if (is<ops::Transpose>(a)) a = input_of(a), trans_a = !trans_a;
  if (is<ops::Transpose>(b)) b = input_of(b), trans_b = !trans_b;
  return matmul(a, b, trans_a, trans_b);
}

Var reshaped(Var x, const Shape& shape) {
  return reshape(is<ops::Reshape>(x) ? input_of(x) : x, shape);
}

Var reduction(Graph& graph, const Node& node, std::span<const Var> in) {
  if (in[0].shape().size() == 0)
    return full(graph, node.shape,
                is<ops::Sum>(node) ? 0 : -std::numeric_limits<double>::infinity());
  if (in[0].shape().size() == node.shape.size()) return reshaped(in[0], node.shape);
  return copy(graph, node, in);
}

}  // namespace

Program simplify(const Program& program) {
  return rewrite(program, [](Graph& graph, const Node& node, std::span<const Var> in) -> Var {
    double value = 0;
    if (node.op->op_class() == OpClass::pointwise) return pointwise(graph, node, in);
    if (node.op->op_class() == OpClass::reduction) return reduction(graph, node, in);
    if (is<ops::StopGradient>(node)) return in[0];
    if (is<ops::Reshape>(node)) {
      if (is_splat(in[0].node(), &value)) return full(graph, node.shape, value);
      return reshaped(in[0], node.shape);
    }
    if (is<ops::BroadcastTo>(node) && is_splat(in[0].node(), &value))
      return full(graph, node.shape, value);
    if (is<ops::Transpose>(node)) return transposed(graph, node, in);
    if (is<ops::Matmul>(node)) return product(node, in);
    return copy(graph, node, in);
  });
}

}  // namespace diabolo::plan
