// Ops that move values without changing them.
#pragma once

#include <diabolo/graph/op.h>

namespace diabolo::ops {

struct LayoutOp : Op {
  OpClass op_class() const final { return OpClass::layout; }
};

// Stretches dimensions of 1 and adds leading ones. ints = dims.      Gradient: sum_to.
struct BroadcastTo final : LayoutOp {
  std::string_view name() const final { return "broadcast_to"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node&) const final { return in[0]; }
};

// The same elements under another shape. ints = dims.      Gradient: reshaped back.
struct Reshape final : LayoutOp {
  std::string_view name() const final { return "reshape"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
  Rows rows(std::span<const Rows> in, const Graph& graph, const Node& node) const final;
};

// Dimension i of the result is dimension ints[i] of the input.      Gradient: transposed back.
struct Transpose final : LayoutOp {
  std::string_view name() const final { return "transpose"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node& node) const final;
};

// A range of one axis. ints = {axis, begin, length}.      Gradient: padded with zeros.
struct Slice final : LayoutOp {
  std::string_view name() const final { return "slice"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node& node) const final;
};

// Arrays laid side by side along axis ints[0].      Gradient: slices.
struct Concat final : LayoutOp {
  std::string_view name() const final { return "concat"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node& node) const final;
};

// u8 or i32 to the graph's real type.      No gradient.
struct Cast final : LayoutOp {
  std::string_view name() const final { return "cast"; }
  Signature infer(const Graph& graph, std::span<const Var> in, const Attributes& a) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node&) const final { return in[0]; }
};

// The identity, without a gradient.
struct StopGradient final : LayoutOp {
  std::string_view name() const final { return "stop_gradient"; }
  Signature infer(const Graph&, std::span<const Var> in, const Attributes& a) const final;
  Rows rows(std::span<const Rows> in, const Graph&, const Node&) const final { return in[0]; }
};

}  // namespace diabolo::ops
