#include <diabolo/base/error.h>
#include <diabolo/ops/functions.h>
#include <diabolo/ops/index.h>

namespace diabolo::ops {
namespace {

void check_index(std::string_view where, Var index) {
  check(index.dtype() == DType::i32 && index.shape().rank() == 1, ErrorCode::invalid_argument,
        where, "expected an index of type i32 and shape [M], got {} {}", name(index.dtype()),
        index.shape());
}

}  // namespace

Signature Gather::infer(const Graph&, std::span<const Var> in, const Attributes&) const {
  check(in[0].shape().rank() == 2, ErrorCode::shape, name(), "expected a table [N, C], got {}",
        in[0].shape());
  check_index(name(), in[1]);
  return {in[0].dtype(), Shape{in[1].shape()[0], in[0].shape()[1]}};
}

std::vector<Var> Gather::gradient(std::span<const Var> in, Var, Var dy) const {
  return {scatter_add(in[1], dy, in[0].shape()[0]), Var()};
}

Rows Gather::rows(std::span<const Rows> in, const Graph&, const Node&) const {
  if (in[0].kind != Rows::none) return {Rows::mixed, 0};
  return in[1].kind == Rows::apart ? Rows{Rows::apart, -2} : in[1];
}

Signature ScatterAdd::infer(const Graph& graph, std::span<const Var> in,
                            const Attributes& a) const {
  check_index(name(), in[0]);
  const Shape& x = in[1].shape();
  check(x.rank() == 2 && x[0] == in[0].shape()[0] && in[1].dtype() == graph.real(),
        ErrorCode::shape, name(), "expected {} rows to add for {} indices, got {}",
        in[0].shape()[0], in[0].shape()[0], x);
  return {graph.real(), Shape{a.ints[0], x[1]}};
}

std::vector<Var> ScatterAdd::gradient(std::span<const Var> in, Var, Var dy) const {
  return {Var(), gather(dy, in[0])};
}

Rows ScatterAdd::rows(std::span<const Rows> in, const Graph&, const Node&) const {
  if (in[0].kind == Rows::none && in[1].kind == Rows::none) return in[0];
  const bool apart = in[0].kind == Rows::apart && in[1] == Rows{Rows::apart, -2};
  return {apart ? Rows::folded : Rows::mixed, 0};
}

Signature Argmin::infer(const Graph& graph, std::span<const Var> in, const Attributes&) const {
  const Shape& x = in[0].shape();
  check(x.rank() >= 1 && x[-1] >= 1 && in[0].dtype() == graph.real(), ErrorCode::shape, name(),
        "expected an array with a last axis of at least one entry, got {}", x);
  return {DType::i32, Shape(x.dims().first(static_cast<std::size_t>(x.rank() - 1)))};
}

Rows Argmin::rows(std::span<const Rows> in, const Graph&, const Node&) const {
  if (in[0].kind != Rows::apart) return in[0].kind == Rows::none ? in[0] : Rows{Rows::mixed, 0};
  return in[0].axis == -1 ? Rows{Rows::mixed, 0} : Rows{Rows::apart, in[0].axis + 1};
}

}  // namespace diabolo::ops
