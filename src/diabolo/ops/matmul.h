// op(a) op(b) of two matrices; ints = {trans_a, trans_b}.
//   gradient:  C = A B:  dA = dC B^T,  dB = A^T dC, and the same with transposes moved over.
#pragma once

#include <diabolo/graph/op.h>

namespace diabolo::ops {

struct Matmul final : Op {
  std::string_view name() const final { return "matmul"; }
  OpClass op_class() const final { return OpClass::product; }
  Signature infer(const Graph& graph, std::span<const Var> in, const Attributes& t) const final;
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
  Rows rows(std::span<const Rows> in, const Graph& graph, const Node& node) const final;
  double flops(const Graph& graph, const Node& node) const final;
};

}  // namespace diabolo::ops
