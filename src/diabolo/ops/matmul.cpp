#include <diabolo/base/error.h>
#include <diabolo/ops/functions.h>
#include <diabolo/ops/matmul.h>

namespace diabolo::ops {

Signature Matmul::infer(const Graph& graph, std::span<const Var> in, const Attributes& t) const {
  const Shape &a = in[0].shape(), &b = in[1].shape();
  check(a.rank() == 2 && b.rank() == 2, ErrorCode::shape, name(),
        "expected two matrices, got {} and {}", a, b);
  check(in[0].dtype() == graph.real() && in[1].dtype() == graph.real(), ErrorCode::invalid_argument,
        name(), "expected matrices of type {}; cast them", diabolo::name(graph.real()));
  const std::int64_t m = a[t.ints[0] ? 1 : 0], ka = a[t.ints[0] ? 0 : 1];
  const std::int64_t n = b[t.ints[1] ? 0 : 1], kb = b[t.ints[1] ? 1 : 0];
  check(ka == kb, ErrorCode::shape, name(),
        "expected inner dimensions that agree, got {}{} and {}{}", a,
        t.ints[0] ? " transposed" : "", b, t.ints[1] ? " transposed" : "");
  return {graph.real(), Shape{m, n}};
}

std::vector<Var> Matmul::gradient(std::span<const Var> in, Var y, Var dy) const {
  const bool ta = y.node().attributes.ints[0], tb = y.node().attributes.ints[1];
  const Var a = in[0], b = in[1];
  const Var da = ta ? matmul(b, dy, tb, true) : matmul(dy, b, false, !tb);
  const Var db = tb ? matmul(dy, a, true, ta) : matmul(a, dy, !ta, false);
  return {da, db};
}

Rows Matmul::rows(std::span<const Rows> in, const Graph&, const Node& node) const {
  const bool ta = node.attributes.ints[0], tb = node.attributes.ints[1];
  const Rows &a = in[0], &b = in[1];
  const auto along = [](const Rows& r, int axis) {
    return r.kind == Rows::apart && r.axis == axis;
  };
  if (a.kind == Rows::none && b.kind == Rows::none) return {Rows::none, 0};
  if (along(a, ta ? -1 : -2) && b.kind == Rows::none) return {Rows::apart, -2};
  if (along(b, tb ? -2 : -1) && a.kind == Rows::none) return {Rows::apart, -1};
  if (along(a, ta ? -2 : -1) && along(b, tb ? -1 : -2)) return {Rows::folded, 0};
  if ((a.kind == Rows::folded && b.kind == Rows::none) ||
      (a.kind == Rows::none && b.kind == Rows::folded))
    return {Rows::folded, 0};
  return {Rows::mixed, 0};
}

double Matmul::flops(const Graph& graph, const Node& node) const {
  const Shape& a = graph.node(node.inputs[0]).shape;
  return 2.0 * static_cast<double>(a.size()) * static_cast<double>(node.shape[1]);
}

}  // namespace diabolo::ops
