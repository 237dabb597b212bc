#include <diabolo/base/error.h>
#include <diabolo/graph/reverse.h>
#include <diabolo/ops/functions.h>
#include <diabolo/ops/ops.h>

#include <algorithm>
#include <initializer_list>
#include <numeric>

namespace diabolo {
namespace {

template <class O>
Var apply(std::initializer_list<Var> inputs, Attributes attributes = {}) {
  return inputs.begin()->graph().add(ops::op<O>(), std::span(inputs.begin(), inputs.size()),
                                     std::move(attributes));
}

template <class O>
Var make_source(Graph& graph, Attributes attributes, std::span<const Var> inputs = {}) {
  return graph.add(ops::op<O>(), inputs, std::move(attributes));
}

std::vector<std::int64_t> with_dims(std::vector<std::int64_t> first, const Shape& shape) {
  first.insert(first.end(), shape.dims().begin(), shape.dims().end());
  return first;
}

int normal_axis(const Shape& shape, int axis, std::string_view where) {
  check(axis >= -shape.rank() && axis < shape.rank(), ErrorCode::invalid_argument, where,
        "expected an axis of {}, got {}", shape, axis);
  return axis < 0 ? axis + shape.rank() : axis;
}

template <class O>
Var reduce(Var x, std::vector<int> axes, bool keep) {
  const std::string_view where = ops::op<O>().name();
  if (axes.empty()) {
    axes.resize(static_cast<std::size_t>(x.shape().rank()));
    std::iota(axes.begin(), axes.end(), 0);
  }
  std::vector<std::int64_t> normal;
  Shape kept = x.shape();
  for (const int axis : axes) {
    normal.push_back(normal_axis(x.shape(), axis, where));
    kept = kept.with(axis, 1);
  }
  std::sort(normal.begin(), normal.end());
  check(std::adjacent_find(normal.begin(), normal.end()) == normal.end(),
        ErrorCode::invalid_argument, where, "expected each axis once, got one twice");
  const Var y = normal.empty() ? x : apply<O>({x}, {.ints = normal, .reals = {}, .text = {}});
  return keep ? reshape(y, kept) : y;
}

Var noise(Var keys, const Shape& shape, Stream stream, std::string name,
          ops::Noise::Distribution distribution) {
  const std::int64_t columns = shape.rank() > 0 ? shape[-1] : 1;
  const std::int64_t first = keys.graph().reserve_noise_columns(static_cast<int>(stream), columns);
  return make_source<ops::Noise>(
      keys.graph(),
      {.ints = with_dims({distribution, static_cast<std::int64_t>(stream), first}, shape),
       .reals = {},
       .text = std::move(name)},
      std::span(&keys, 1));
}

}  // namespace

Var input(Graph& graph, std::string name, DType dtype, const Shape& shape, bool batched) {
  return make_source<ops::Input>(
      graph, {.ints = with_dims({static_cast<std::int64_t>(dtype), batched}, shape),
              .reals = {},
              .text = std::move(name)});
}

Var parameter(Graph& graph, std::string name, const Shape& shape, std::int64_t offset) {
  return make_source<ops::Parameter>(
      graph, {.ints = with_dims({offset}, shape), .reals = {}, .text = std::move(name)});
}

Var state(Graph& graph, std::string name, const Shape& shape, std::int64_t offset) {
  return make_source<ops::State>(
      graph, {.ints = with_dims({offset}, shape), .reals = {}, .text = std::move(name)});
}

Var constant(Graph& graph, double value) { return full(graph, {}, value); }

Var constant(Graph& graph, const Shape& shape, std::vector<double> values) {
  return make_source<ops::Constant>(
      graph, {.ints = with_dims({}, shape), .reals = std::move(values), .text = {}});
}

Var full(Graph& graph, const Shape& shape, double value) {
  return make_source<ops::Constant>(graph,
                                    {.ints = with_dims({}, shape), .reals = {value}, .text = {}});
}

Var normal_noise(Var keys, const Shape& shape, Stream stream, std::string name) {
  return noise(keys, shape, stream, std::move(name), ops::Noise::normal);
}

Var uniform_noise(Var keys, const Shape& shape, Stream stream, std::string name) {
  return noise(keys, shape, stream, std::move(name), ops::Noise::uniform);
}

Var operator-(Var x) { return apply<ops::Neg>({x}); }
Var abs(Var x) { return apply<ops::Abs>({x}); }
Var exp(Var x) { return apply<ops::Exp>({x}); }
Var expm1(Var x) { return apply<ops::Expm1>({x}); }
Var log(Var x) { return apply<ops::Log>({x}); }
Var log1p(Var x) { return apply<ops::Log1p>({x}); }
Var sqrt(Var x) { return apply<ops::Sqrt>({x}); }
Var tanh(Var x) { return apply<ops::Tanh>({x}); }
Var sigmoid(Var x) { return apply<ops::Sigmoid>({x}); }
Var softplus(Var x) { return apply<ops::Softplus>({x}); }
Var relu(Var x) { return apply<ops::Relu>({x}); }
Var erf(Var x) { return apply<ops::Erf>({x}); }
Var sin(Var x) { return apply<ops::Sin>({x}); }
Var cos(Var x) { return apply<ops::Cos>({x}); }
Var floor(Var x) { return apply<ops::Floor>({x}); }
Var lgamma(Var x) { return apply<ops::Lgamma>({x}); }
Var digamma(Var x) { return apply<ops::Digamma>({x}); }

Var operator+(Var a, Var b) { return apply<ops::Add>({a, b}); }
Var operator-(Var a, Var b) { return apply<ops::Sub>({a, b}); }
Var operator*(Var a, Var b) { return apply<ops::Mul>({a, b}); }
Var operator/(Var a, Var b) { return apply<ops::Div>({a, b}); }
Var operator+(Var a, double b) { return a + constant(a.graph(), b); }
Var operator+(double a, Var b) { return constant(b.graph(), a) + b; }
Var operator-(Var a, double b) { return a - constant(a.graph(), b); }
Var operator-(double a, Var b) { return constant(b.graph(), a) - b; }
Var operator*(Var a, double b) { return a * constant(a.graph(), b); }
Var operator*(double a, Var b) { return constant(b.graph(), a) * b; }
Var operator/(Var a, double b) { return a / constant(a.graph(), b); }
Var operator/(double a, Var b) { return constant(b.graph(), a) / b; }
Var max(Var a, Var b) { return apply<ops::Max>({a, b}); }
Var min(Var a, Var b) { return apply<ops::Min>({a, b}); }
Var less(Var a, Var b) { return apply<ops::Less>({a, b}); }
Var equal(Var a, Var b) { return apply<ops::Equal>({a, b}); }
Var select(Var mask, Var a, Var b) { return apply<ops::Select>({mask, a, b}); }

Var broadcast_to(Var x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return apply<ops::BroadcastTo>({x}, {.ints = with_dims({}, shape), .reals = {}, .text = {}});
}

Var reshape(Var x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return apply<ops::Reshape>({x}, {.ints = with_dims({}, shape), .reals = {}, .text = {}});
}

Var transpose(Var x, std::vector<int> order) {
  return apply<ops::Transpose>({x},
                               {.ints = {order.begin(), order.end()}, .reals = {}, .text = {}});
}

Var slice(Var x, int axis, std::int64_t begin, std::int64_t length) {
  axis = normal_axis(x.shape(), axis, "slice");
  if (begin == 0 && length == x.shape()[axis]) return x;
  return apply<ops::Slice>({x}, {.ints = {axis, begin, length}, .reals = {}, .text = {}});
}

Var concat(std::span<const Var> parts, int axis) {
  check(!parts.empty(), ErrorCode::invalid_argument, "concat", "expected parts, got none");
  if (parts.size() == 1) return parts[0];
  axis = normal_axis(parts[0].shape(), axis, "concat");
  return parts[0].graph().add(ops::op<ops::Concat>(), parts,
                              {.ints = {axis}, .reals = {}, .text = {}});
}

Var cast(Var x) { return apply<ops::Cast>({x}); }
Var stop_gradient(Var x) { return apply<ops::StopGradient>({x}); }

Var sum(Var x, std::vector<int> axes, bool keep) {
  return reduce<ops::Sum>(x, std::move(axes), keep);
}

Var reduce_max(Var x, std::vector<int> axes, bool keep) {
  return reduce<ops::ReduceMax>(x, std::move(axes), keep);
}

Var matmul(Var a, Var b, bool trans_a, bool trans_b) {
  return apply<ops::Matmul>({a, b}, {.ints = {trans_a, trans_b}, .reals = {}, .text = {}});
}

Var gather(Var table, Var index) { return apply<ops::Gather>({table, index}); }

Var scatter_add(Var index, Var x, std::int64_t rows) {
  return apply<ops::ScatterAdd>({index, x}, {.ints = {rows}, .reals = {}, .text = {}});
}

Var argmin(Var x) { return apply<ops::Argmin>({x}); }

Var square(Var x) { return x * x; }

Var mean(Var x, std::vector<int> axes, bool keep) {
  const std::int64_t before = x.shape().size();
  const Var total = sum(x, std::move(axes), keep);
  return total * (static_cast<double>(total.shape().size()) / static_cast<double>(before));
}

Var clamp(Var x, double low, double high) {
  return min(max(x, constant(x.graph(), low)), constant(x.graph(), high));
}

Var logsumexp(Var x, int axis, bool keep) {
  const Var top = stop_gradient(reduce_max(x, {axis}, true));
  const Var y = top + log(sum(exp(x - top), {axis}, true));
  if (keep) return y;
  std::vector<std::int64_t> dims;
  const int skipped = normal_axis(x.shape(), axis, "logsumexp");
  for (int i = 0; i < x.shape().rank(); ++i)
    if (i != skipped) dims.push_back(x.shape()[i]);
  return reshape(y, Shape(dims));
}

Var silu(Var x) { return x * sigmoid(x); }
Var gelu(Var x) { return x * (0.5 + 0.5 * erf(x * 0.7071067811865476)); }

Var elu(Var x) {
  // expm1 sees no positive number: its gradient could overflow there and 0 * inf is NaN.
  const Var zero = constant(x.graph(), 0);
  return select(less(zero, x), x, expm1(min(x, zero)));
}

Var sum_to(Var x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const int added = x.shape().rank() - shape.rank();
  std::vector<int> axes;
  for (int i = 0; i < x.shape().rank(); ++i)
    if (i < added || (shape[i - added] == 1 && x.shape()[i] != 1)) axes.push_back(i);
  return reshape(axes.empty() ? x : sum(x, axes), shape);
}

std::vector<Var> gradients(Var y, std::span<const Var> xs) {
  std::vector<Var> result =
      reverse(y, xs,
              {
                  .add = [](Var a, Var b) { return a + b; },
                  .ones_like = [](Var v) { return full(v.graph(), v.shape(), 1); },
              });
  for (std::size_t i = 0; i < xs.size(); ++i)
    if (!result[i]) result[i] = full(y.graph(), xs[i].shape(), 0);
  return result;
}

}  // namespace diabolo
