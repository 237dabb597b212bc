// One table of op cases. tests/ops checks that every op of the list has one; tests/plan runs them:
// gradients, gradients of gradients, f32 against f64. To test a new op, add its cases here.
#pragma once

#include <diabolo/ops/functions.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace diabolo::testing {

enum class Slope {
  none,   // constant almost everywhere, or not offered: the gradient is zero
  once,   // differentiable
  twice,  // its gradient is differentiable too
};

struct OpCase {
  std::string op;
  std::vector<Shape> shapes;  // of the real inputs
  std::function<Var(Graph&, std::span<const Var>)> build;
  Slope slope = Slope::twice;
  double low = -2, high = 2;  // real inputs are drawn from this range
  double ulps = 0;  // most that f32 may be off from f64, in units of the result's last place
  std::map<std::string, std::vector<double>> bound = {};  // whole numbers, by name of the input
};

/// Sizes that are scalar, one, odd, a whole tile (512 numbers) and beyond it.
inline std::vector<Shape> sizes() {
  return {{}, {1}, {7}, {3, 5}, {2, 1, 17}, {512}, {513}, {3, 342}, {2, 700}};
}

/// Pairs that broadcast in each way that models use.
inline std::vector<std::vector<Shape>> pairs() {
  return {{{}, {}},         {{1}, {}},         {{7}, {7}},          {{5, 3}, {3}},
          {{5, 1}, {5, 3}}, {{1, 3}, {5, 1}},  {{2, 1, 3}, {4, 1}}, {{2, 4, 3}, {}},
          {{513}, {513}},   {{3, 171}, {171}}, {{3, 171}, {3, 1}},  {{700, 1}, {1, 2}},
          {{2, 600}, {1}},  {{2, 600}, {600}}};
}

inline std::vector<OpCase> op_cases() {
  std::vector<OpCase> cases;
  const auto unary = [&](std::string op, Var (*f)(Var), Slope slope, double low, double high,
                         double ulps) {
    for (const Shape& shape : sizes())
      cases.push_back({.op = op,
                       .shapes = {shape},
                       .build = [f](Graph&, std::span<const Var> x) { return f(x[0]); },
                       .slope = slope,
                       .low = low,
                       .high = high,
                       .ulps = ulps});
  };
  unary("neg", [](Var x) { return -x; }, Slope::twice, -2, 2, 0);
  unary("abs", abs, Slope::twice, -2, 2, 0);
  unary("exp", exp, Slope::twice, -5, 5, 2);
  unary("expm1", expm1, Slope::twice, -3, 3, 3);
  unary("log", log, Slope::twice, 0.1, 5, 2);
  unary("log1p", log1p, Slope::twice, -0.8, 4, 3);
  unary("sqrt", sqrt, Slope::twice, 0.1, 5, 0.5001);
  unary("tanh", tanh, Slope::twice, -3, 3, 3);
  unary("sigmoid", sigmoid, Slope::twice, -6, 6, 4);
  unary("softplus", softplus, Slope::twice, -6, 6, 4);
  unary("relu", relu, Slope::twice, -2, 2, 0);
  unary("erf", erf, Slope::twice, -2.5, 2.5, 4);
  unary("sin", sin, Slope::twice, -7, 7, 2);
  unary("cos", cos, Slope::twice, -7, 7, 2);
  unary("floor", floor, Slope::none, -9, 9, 0);
  unary("lgamma", lgamma, Slope::once, 0.2, 9, 2);
  unary("digamma", digamma, Slope::none, 0.2, 9, 2);

  const auto binary = [&](std::string op, Var (*f)(Var, Var), Slope slope, double low,
                          double ulps) {
    for (const auto& shapes : pairs())
      for (const bool turned : {false, true})
        cases.push_back({.op = op,
                         .shapes = turned ? std::vector{shapes[1], shapes[0]} : shapes,
                         .build = [f](Graph&, std::span<const Var> x) { return f(x[0], x[1]); },
                         .slope = slope,
                         .low = low,
                         .high = 3,
                         .ulps = ulps});
  };
  binary("add", [](Var a, Var b) { return a + b; }, Slope::twice, -3, 0.5001);
  binary("sub", [](Var a, Var b) { return a - b; }, Slope::twice, -3, 0.5001);
  binary("mul", [](Var a, Var b) { return a * b; }, Slope::twice, -3, 0.5001);
  binary("div", [](Var a, Var b) { return a / b; }, Slope::twice, 0.5, 0.5001);
  binary("max", max, Slope::twice, -3, 0);
  binary("min", min, Slope::twice, -3, 0);
  binary("less", less, Slope::none, -3, 0);
  binary("equal", equal, Slope::none, -3, 0);
  for (const auto& shapes : pairs())
    cases.push_back({.op = "select",
                     .shapes = shapes,
                     .build =
                         [](Graph&, std::span<const Var> x) {
                           return select(less(x[0], x[1]), x[0] * x[1], x[1]);
                         },
                     .ulps = 0.5001});

  const auto one = [&](std::string op, const Shape& shape, std::function<Var(Var)> f,
                       Slope slope = Slope::twice, double ulps = 0, double low = -2) {
    cases.push_back({.op = std::move(op),
                     .shapes = {shape},
                     .build = [f](Graph&, std::span<const Var> x) { return f(x[0]); },
                     .slope = slope,
                     .low = low,
                     .ulps = ulps});
  };
  one("broadcast_to", {}, [](Var x) { return broadcast_to(x, {3, 5}); });
  one("broadcast_to", {5, 1}, [](Var x) { return broadcast_to(x, {2, 5, 3}); });
  one("broadcast_to", {700}, [](Var x) { return broadcast_to(x, {2, 700}); });
  one("reshape", {6, 5}, [](Var x) { return sin(reshape(x, {2, 15})); }, Slope::twice, 2);
  one("transpose", {6, 5}, [](Var x) { return transpose(x, {1, 0}); });
  one("transpose", {3, 4, 2, 5}, [](Var x) { return transpose(x, {2, 0, 3, 1}); });
  one("slice", {6, 5}, [](Var x) { return slice(x, 0, 2, 3); });
  one("slice", {6, 5}, [](Var x) { return slice(x, -1, 1, 4); });
  one("slice", {3, 4, 5}, [](Var x) { return slice(x, 1, 0, 2); });
  one(
      "concat", {6, 5},
      [](Var x) {
        const Var parts[] = {x, slice(x, 1, 0, 2), x * x};
        return concat(parts, 1);
      },
      Slope::twice, 0.5001);
  one("concat", {7}, [](Var x) {
    const Var parts[] = {x, x};
    return concat(parts, 0);
  });
  one("stop_gradient", {6, 5}, [](Var x) { return stop_gradient(x); }, Slope::none);
  // Sums of positive numbers, so that rounding is relative to the result.
  for (const auto& axes : std::vector<std::vector<int>>{{}, {0}, {1}, {2}, {0, 1}, {0, 2}, {-1, 1}})
    for (const Shape& shape :
         {Shape{3, 4, 5}, Shape{2, 17, 40}, Shape{1, 3, 530}, Shape{600, 2, 1}}) {
      one("sum", shape, [axes](Var x) { return sum(x, axes); }, Slope::twice, 100, 0.5);
      one("sum", shape, [axes](Var x) { return sum(x, axes, true); }, Slope::twice, 100, 0.5);
      one("reduce_max", shape, [axes](Var x) { return reduce_max(x, axes); });
    }
  for (const bool ta : {false, true})
    for (const bool tb : {false, true})
      for (const auto& [m, n, k] :
           {std::array{1, 1, 1}, std::array{5, 3, 7}, std::array{17, 33, 20}})
        cases.push_back(
            {.op = "matmul",
             .shapes = {ta ? Shape{k, m} : Shape{m, k}, tb ? Shape{n, k} : Shape{k, n}},
             .build = [ta, tb](Graph&,
                               std::span<const Var> x) { return matmul(x[0], x[1], ta, tb); },
             .low = 0.5,
             .ulps = 30});

  const std::map<std::string, std::vector<double>> index = {{"index", {3, 0, 3, 5, 1, 1, 4, 3}}};
  cases.push_back({.op = "gather",
                   .shapes = {{6, 5}},
                   .build =
                       [](Graph& g, std::span<const Var> x) {
                         return gather(x[0], input(g, "index", DType::i32, {8}));
                       },
                   .bound = index});
  cases.push_back({.op = "scatter_add",
                   .shapes = {{8, 5}},
                   .build =
                       [](Graph& g, std::span<const Var> x) {
                         return scatter_add(input(g, "index", DType::i32, {8}), x[0], 7);
                       },
                   .low = 0.5,
                   .ulps = 3,
                   .bound = index});
  one("argmin", {3, 4, 20}, [](Var x) { return cast(argmin(x)); }, Slope::none);
  cases.push_back({.op = "cast",
                   .shapes = {{8}},
                   .build =
                       [](Graph& g, std::span<const Var> x) {
                         return x[0] * cast(input(g, "index", DType::i32, {8}));
                       },
                   .ulps = 0.5001,
                   .bound = index});
  cases.push_back({.op = "cast",
                   .shapes = {{8}},
                   .build =
                       [](Graph& g, std::span<const Var> x) {
                         return x[0] * cast(input(g, "index", DType::u8, {8}));
                       },
                   .ulps = 0.5001,
                   .bound = index});
  cases.push_back({.op = "noise",
                   .shapes = {{8, 3}},
                   .build =
                       [](Graph& g, std::span<const Var> x) {
                         const Var keys = input(g, "index", DType::u64, {8});
                         return x[0] * uniform_noise(keys, {2, 8, 3}, Stream::train, "u");
                       },
                   .ulps = 0.5001,
                   .bound = index});
  one("input", {6}, [](Var x) { return x; });
  one(
      "constant", {3}, [](Var x) { return x * constant(x.graph(), {3}, {1, -2, 0.5}); },
      Slope::twice, 0.5001);
  cases.push_back(
      {.op = "parameter",
       .shapes = {{3}},
       .build = [](Graph& g, std::span<const Var> x) { return x[0] * parameter(g, "w", {3}, 2); },
       .ulps = 0.5001,
       .bound = {{"parameters", {1, 2, 3, 4, 5}}}});
  cases.push_back(
      {.op = "state",
       .shapes = {{3}},
       .build = [](Graph& g, std::span<const Var> x) { return x[0] * state(g, "s", {3}, 1); },
       .ulps = 0.5001,
       .bound = {{"state", {1, 2, 3, 4}}}});

  // What is composed of the above, under the name of an op inside.
  one("exp", {5, 7}, [](Var x) { return logsumexp(x, 1); }, Slope::twice, 6);
  one("sigmoid", {40}, silu, Slope::twice, 6);
  one("erf", {40}, gelu, Slope::twice, 60);
  one("expm1", {40}, elu, Slope::twice, 4);
  one("min", {40}, [](Var x) { return clamp(x, -0.5, 1); });
  one("sum", {4, 9}, [](Var x) { return mean(square(x), {0}); }, Slope::twice, 8);
  return cases;
}

}  // namespace diabolo::testing
