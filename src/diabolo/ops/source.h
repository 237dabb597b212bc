// Nodes that bring values into a graph: data, parameters, state, constants and noise.
#pragma once

#include <diabolo/graph/op.h>

namespace diabolo::ops {

struct Source : Op {
  OpClass op_class() const final { return OpClass::source; }
};

// Bound at each run. text = name; ints = {dtype, batched, dims...}.
struct Input final : Source {
  std::string_view name() const final { return "input"; }
  Signature infer(const Graph&, std::span<const Var>, const Attributes& a) const final;
  Rows rows(std::span<const Rows>, const Graph&, const Node& node) const final;
};

// A view into the flat parameter array. text = name; ints = {offset, dims...}.
struct Parameter final : Source {
  std::string_view name() const final { return "parameter"; }
  Signature infer(const Graph& graph, std::span<const Var>, const Attributes& a) const final;
};

// A view into the flat state array. text = name; ints = {offset, dims...}.
struct State final : Source {
  std::string_view name() const final { return "state"; }
  Signature infer(const Graph& graph, std::span<const Var>, const Attributes& a) const final;
};

// reals = one value for all, or one per element; ints = {dims...}.
struct Constant final : Source {
  std::string_view name() const final { return "constant"; }
  Signature infer(const Graph& graph, std::span<const Var>, const Attributes& a) const final;
};

// Counter-based noise of shape [..., B, C] from row keys u64 [B] (base/random.h): element
// (k, b, c) is column `first_column + c` of draw `first draw of the run + k` of row keys[b].
// ints = {distribution, stream, first_column, dims...}; text = name. A word w gives the uniform
// number ((w >> 9) + 1/2) / 2^23; normal numbers are Box-Muller on the uniform pairs (0, 1), (2, 3)
// of a block: sqrt(-2 log u) cos(2 pi v), then sin.
struct Noise final : Source {
  enum Distribution { uniform = 0, normal = 1 };
  std::string_view name() const final { return "noise"; }
  Signature infer(const Graph& graph, std::span<const Var> in, const Attributes& a) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node&) const final;
};

}  // namespace diabolo::ops
