// What pointwise ops share. An op derives from Pointwise1, 2 or 3 with itself as the argument and
// gives: kName, a scalar `forward` for float and double, and `grad` in graph ops.
#pragma once

#include <diabolo/base/inline.h>
#include <diabolo/base/math.h>
#include <diabolo/graph/op.h>
#include <diabolo/ops/functions.h>

#include <array>
#include <utility>

namespace diabolo::ops {

class PointwiseOp : public Op {
 public:
  OpClass op_class() const final { return OpClass::pointwise; }
  Signature infer(const Graph& graph, std::span<const Var> inputs,
                  const Attributes& attributes) const final;
  Rows rows(std::span<const Rows> inputs, const Graph& graph, const Node& node) const override;
  double flops(const Graph& graph, const Node& node) const final;

  virtual int arity() const = 0;
  /// The op on scalars, for constant folding: the same bits as its kernel.
  virtual double evaluate(const double* x) const = 0;
  virtual float evaluate(const float* x) const = 0;
};

template <class Self>
struct Pointwise1 : PointwiseOp {
  std::string_view name() const final { return Self::kName; }
  int arity() const final { return 1; }
  double evaluate(const double* x) const final { return Self::forward(x[0]); }
  float evaluate(const float* x) const final { return Self::forward(x[0]); }
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final {
    return {Self::grad(in[0], y, dy)};
  }
};

template <class Self>
struct Pointwise2 : PointwiseOp {
  std::string_view name() const final { return Self::kName; }
  int arity() const final { return 2; }
  double evaluate(const double* x) const final { return Self::forward(x[0], x[1]); }
  float evaluate(const float* x) const final { return Self::forward(x[0], x[1]); }
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final {
    const auto [da, db] = Self::grad(in[0], in[1], y, dy);
    return {da ? sum_to(da, in[0].shape()) : da, db ? sum_to(db, in[1].shape()) : db};
  }
};

template <class Self>
struct Pointwise3 : PointwiseOp {
  std::string_view name() const final { return Self::kName; }
  int arity() const final { return 3; }
  double evaluate(const double* x) const final { return Self::forward(x[0], x[1], x[2]); }
  float evaluate(const float* x) const final { return Self::forward(x[0], x[1], x[2]); }
  std::vector<Var> gradient(std::span<const Var> in, Var y, Var dy) const final {
    std::array<Var, 3> d = Self::grad(in[0], in[1], in[2], y, dy);
    for (std::size_t i = 0; i < 3; ++i)
      if (d[i]) d[i] = sum_to(d[i], in[i].shape());
    return {d.begin(), d.end()};
  }
};

}  // namespace diabolo::ops
