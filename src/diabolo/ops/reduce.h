// Reductions over axes; the reduced dimensions are dropped. ints = axes, ascending, from the front.
// Order of addition: see kernels/tile.h (part of `numerics: 1`).
#pragma once

#include <diabolo/graph/op.h>

namespace diabolo::ops {

struct Reduction : Op {
  OpClass op_class() const final { return OpClass::reduction; }
  Signature infer(const Graph& graph, std::span<const Var> in, const Attributes& a) const final;
  Rows rows(std::span<const Rows> in, const Graph& graph, const Node& node) const final;
  double flops(const Graph& graph, const Node& node) const final;
};

// Sum.      Gradient: dy, stretched back.
struct Sum final : Reduction {
  std::string_view name() const final { return "sum"; }
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
};

// Largest entry; NaN if any is.      Gradient: dy where the entry equals the result.
struct ReduceMax final : Reduction {
  std::string_view name() const final { return "reduce_max"; }
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
};

}  // namespace diabolo::ops
