// Everything one can do with a Var, in one place. Shapes are static; binary functions broadcast as
// in NumPy. All throw `shape` or `invalid_argument`, naming the op, when the inputs do not fit.
// Axes may be negative (counted from the end).
#pragma once

#include <diabolo/base/random.h>
#include <diabolo/graph/graph.h>

#include <string>
#include <vector>

namespace diabolo {

// --- sources ------------------------------------------------------------------------------------

/// Data bound at each run under `name`. If `batched`, axis 0 runs over the rows of the batch.
Var input(Graph& graph, std::string name, DType dtype, const Shape& shape, bool batched = true);
/// A view into the flat parameter array, `offset` elements from its start.
Var parameter(Graph& graph, std::string name, const Shape& shape, std::int64_t offset);
/// A view into the flat state array: not trained, changed only by accepted steps.
Var state(Graph& graph, std::string name, const Shape& shape, std::int64_t offset);
/// A scalar constant of the graph's real type.
Var constant(Graph& graph, double value);
/// A constant array, row-major.
Var constant(Graph& graph, const Shape& shape, std::vector<double> values);
/// `value` everywhere.
Var full(Graph& graph, const Shape& shape, double value);

/// Standard normal noise of shape [..., B, C]; `keys` is u64 [B] (see base/random.h). The leading
/// dimensions count draws. `name` lets a caller bind the node as an input instead.
Var normal_noise(Var keys, const Shape& shape, Stream stream, std::string name);
/// Uniform noise in (0, 1), otherwise the same.
Var uniform_noise(Var keys, const Shape& shape, Stream stream, std::string name);

// --- one number to one number -------------------------------------------------------------------

Var operator-(Var x);
Var abs(Var x);
Var exp(Var x);
Var expm1(Var x);
Var log(Var x);
Var log1p(Var x);
Var sqrt(Var x);
Var tanh(Var x);
/// 1 / (1 + e^-x).
Var sigmoid(Var x);
/// log(1 + e^x).
Var softplus(Var x);
/// max(x, 0).
Var relu(Var x);
Var erf(Var x);
Var sin(Var x);
Var cos(Var x);
/// The largest whole number not above x; gradient zero.
Var floor(Var x);
/// log of the gamma function, x > 0.
Var lgamma(Var x);
/// Derivative of lgamma, x > 0; differentiable once.
Var digamma(Var x);

Var operator+(Var a, Var b);
Var operator-(Var a, Var b);
Var operator*(Var a, Var b);
Var operator/(Var a, Var b);
Var operator+(Var a, double b);
Var operator+(double a, Var b);
Var operator-(Var a, double b);
Var operator-(double a, Var b);
Var operator*(Var a, double b);
Var operator*(double a, Var b);
Var operator/(Var a, double b);
Var operator/(double a, Var b);
/// The larger of the two; NaN if either is. The gradient goes to the larger, to `a` when equal.
Var max(Var a, Var b);
Var min(Var a, Var b);
/// 1 where a < b, else 0; no gradient.
Var less(Var a, Var b);
/// 1 where a == b, else 0; no gradient.
Var equal(Var a, Var b);
/// `a` where mask != 0, else `b`. Selects, so that a NaN not chosen does no harm, in the gradient
/// too.
Var select(Var mask, Var a, Var b);

// --- shape --------------------------------------------------------------------------------------

Var broadcast_to(Var x, const Shape& shape);
Var reshape(Var x, const Shape& shape);
/// Dimension i of the result is dimension order[i] of x.
Var transpose(Var x, std::vector<int> order);
/// `length` entries of `axis` from `begin`.
Var slice(Var x, int axis, std::int64_t begin, std::int64_t length);
Var concat(std::span<const Var> parts, int axis);
/// u8 or i32 to the graph's real type.
Var cast(Var x);
/// x, through which no gradient flows.
Var stop_gradient(Var x);

// --- reductions, products, indices --------------------------------------------------------------

/// Sum over `axes` (all if empty). With `keep`, they stay as dimensions of 1.
Var sum(Var x, std::vector<int> axes = {}, bool keep = false);
/// Largest over `axes`; the gradient goes to every entry that equals it.
Var reduce_max(Var x, std::vector<int> axes = {}, bool keep = false);
/// op(a) op(b) of two matrices; `trans_a` reads a as its transpose.
Var matmul(Var a, Var b, bool trans_a = false, bool trans_b = false);
/// Rows of `table` [N, C] by `index` i32 [M] -> [M, C]. Indices must lie in [0, N).
Var gather(Var table, Var index);
/// Adds row i of x [M, C] to row index[i] of a zero [rows, C], in the order of i.
Var scatter_add(Var index, Var x, std::int64_t rows);
/// Place of the smallest entry along the last axis, the first of equals, as i32.
Var argmin(Var x);

// --- composed of the above ----------------------------------------------------------------------

Var square(Var x);
Var mean(Var x, std::vector<int> axes = {}, bool keep = false);
/// Values outside [low, high] are cut; the gradient is zero there.
Var clamp(Var x, double low, double high);
/// log sum exp over one axis, stable.
Var logsumexp(Var x, int axis, bool keep = false);
/// x * sigmoid(x).
Var silu(Var x);
/// x * Phi(x), the exact form.
Var gelu(Var x);
/// x for x > 0, else e^x - 1.
Var elu(Var x);
/// Sums x down to `shape`, from which it could have been broadcast.
Var sum_to(Var x, const Shape& shape);

/// d sum(y) / d x for each x, as nodes of the same graph. Zeros where y does not depend on x.
std::vector<Var> gradients(Var y, std::span<const Var> xs);

}  // namespace diabolo
