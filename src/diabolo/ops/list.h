// The one list of ops. Tests, kernels, the plan and the docs are driven by it.
// To add an op: its place (a header in pointwise/, or a class beside its kin), a line here, a
// function in functions.h, a case in tests/ops/cases.h.
#pragma once

#include <diabolo/graph/op.h>

#include <span>

// The order is the order of the kernel tables; nothing stored depends on it.
// clang-format off: it finds no end with such lists.
#define DIABOLO_POINTWISE1_OPS(X)                                                           \
  X(Neg) X(Abs) X(Exp) X(Expm1) X(Log) X(Log1p) X(Sqrt) X(Tanh) X(Sigmoid) X(Softplus)      \
  X(Relu) X(Erf) X(Sin) X(Cos) X(Floor) X(Lgamma) X(Digamma)
#define DIABOLO_POINTWISE2_OPS(X)                                                           \
  X(Add) X(Sub) X(Mul) X(Div) X(Max) X(Min) X(Less) X(Equal)
#define DIABOLO_POINTWISE3_OPS(X) X(Select)
#define DIABOLO_POINTWISE_OPS(X)                                                            \
  DIABOLO_POINTWISE1_OPS(X) DIABOLO_POINTWISE2_OPS(X) DIABOLO_POINTWISE3_OPS(X)
#define DIABOLO_OTHER_OPS(X)                                                                \
  X(Input) X(Parameter) X(State) X(Constant) X(Noise)                                       \
  X(BroadcastTo) X(Reshape) X(Transpose) X(Slice) X(Concat) X(Cast) X(StopGradient)         \
  X(Sum) X(ReduceMax) X(Matmul) X(Gather) X(ScatterAdd) X(Argmin)
// clang-format on

namespace diabolo::ops {

/// The one instance of an op.
template <class O>
const O& op() {
  static const O instance;
  return instance;
}

/// Every op, pointwise ones first, in the order of the lists above.
std::span<const Op* const> all_ops();

/// Place of a pointwise op in DIABOLO_POINTWISE_OPS, or -1.
int pointwise_index(const Op& op);

}  // namespace diabolo::ops
