#include <diabolo/base/error.h>
#include <diabolo/ops/source.h>

namespace diabolo::ops {
namespace {

Shape shape_from(const Attributes& a, std::size_t first) {
  return Shape(std::span<const std::int64_t>(a.ints).subspan(first));
}

}  // namespace

Signature Input::infer(const Graph&, std::span<const Var>, const Attributes& a) const {
  return {static_cast<DType>(a.ints[0]), shape_from(a, 2)};
}

Rows Input::rows(std::span<const Rows>, const Graph&, const Node& node) const {
  if (node.attributes.ints[1] == 0) return {Rows::none, 0};
  return {Rows::apart, -node.shape.rank()};
}

Signature Parameter::infer(const Graph& graph, std::span<const Var>, const Attributes& a) const {
  return {graph.real(), shape_from(a, 1)};
}

Signature State::infer(const Graph& graph, std::span<const Var>, const Attributes& a) const {
  return {graph.real(), shape_from(a, 1)};
}

Signature Constant::infer(const Graph& graph, std::span<const Var>, const Attributes& a) const {
  const Shape shape = shape_from(a, 0);
  check(a.reals.size() == 1 || static_cast<std::int64_t>(a.reals.size()) == shape.size(),
        ErrorCode::shape, name(), "expected {} values for shape {}, got {}", shape.size(), shape,
        a.reals.size());
  return {graph.real(), shape};
}

Signature Noise::infer(const Graph& graph, std::span<const Var> in, const Attributes& a) const {
  const Shape shape = shape_from(a, 3);
  check(in[0].dtype() == DType::u64 && in[0].shape().rank() == 1, ErrorCode::invalid_argument,
        name(), "expected row keys of type u64 and shape [B], got {} {}",
        diabolo::name(in[0].dtype()), in[0].shape());
  check(shape.rank() >= 2 && shape[-2] == in[0].shape()[0], ErrorCode::shape, name(),
        "expected a shape [..., {}, C] for {} row keys, got {}", in[0].shape()[0], in[0].shape()[0],
        shape);
  return {graph.real(), shape};
}

Rows Noise::rows(std::span<const Rows> in, const Graph&, const Node&) const {
  return in[0].kind == Rows::apart ? Rows{Rows::apart, -2} : in[0];
}

}  // namespace diabolo::ops
