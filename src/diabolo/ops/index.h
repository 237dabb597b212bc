// Ops by index: embeddings and codebooks are made of them.
#pragma once

#include <diabolo/graph/op.h>

namespace diabolo::ops {

struct IndexOp : Op {
  OpClass op_class() const final { return OpClass::index; }
};

// Rows of a table [N, C] by index i32 [M] -> [M, C].      Gradient: scatter_add.
struct Gather final : IndexOp {
  std::string_view name() const final { return "gather"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node&) const final;
};

// Adds row i of x [M, C] to row index[i] of zeros [N, C], in the order of i. ints = {N}.
//   gradient of x: gather.
struct ScatterAdd final : IndexOp {
  std::string_view name() const final { return "scatter_add"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node&) const final;
};

// Place of the smallest entry along the last axis, the first of equals; NaN counts as smallest.
struct Argmin final : IndexOp {
  std::string_view name() const final { return "argmin"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node&) const final;
};

}  // namespace diabolo::ops
