// Every op case (ops/cases.h): gradients against central differences in double, gradients of
// gradients likewise, f32 against f64, and what happens to NaN and infinity.
#include <gtest/gtest.h>
#include <ops/cases.h>
#include <plan/evaluate.h>

#include <cmath>
#include <limits>
#include <random>

namespace diabolo {
namespace {

using testing::Inputs;
using testing::op_cases;
using testing::OpCase;
using testing::Runner;
using testing::Slope;
using testing::Values;

std::string label(const OpCase& c) {
  std::string text = c.op;
  for (const Shape& shape : c.shapes) text += fmt::format(" {}", shape);
  return text;
}

Values draw(std::mt19937& random, std::int64_t n, double low, double high) {
  Values values;
  for (std::int64_t i = 0; i < n; ++i)
    values.push_back(low + (high - low) * (static_cast<double>(random()) + 0.5) * 0x1p-32);
  return values;
}

// A case as a graph: y, and the inputs' values.
struct Built {
  Built(const OpCase& c, DType real, bool exact_in_f32 = false) : graph(real), values(c.bound) {
    std::mt19937 random(7);
    for (std::size_t i = 0; i < c.shapes.size(); ++i) {
      const std::string name = fmt::format("x{}", i);
      xs.push_back(input(graph, name, real, c.shapes[i]));
      values[name] = draw(random, c.shapes[i].size(), c.low, c.high);
      if (exact_in_f32)
        for (double& v : values[name]) v = static_cast<double>(static_cast<float>(v));
    }
    y = c.build(graph, xs);
  }
  // sum(v * weights): one number that all of v matters to.
  Var weighted(Var v, unsigned seed) {
    std::mt19937 random(seed);
    return sum(v * constant(graph, v.shape(), draw(random, v.shape().size(), -1, 1)));
  }

  Graph graph;
  std::vector<Var> xs;
  Var y;
  Inputs values;
};

// Gradients `dxs` of the number `loss`, along a random direction and at a few single elements.
void expect_central_differences(Built& built, Var loss, std::span<const Var> dxs,
                                const std::string& text) {
  std::vector<Var> outputs{loss};
  outputs.insert(outputs.end(), dxs.begin(), dxs.end());
  Runner runner(built.graph, outputs);
  const auto at = runner.run(built.values);
  std::mt19937 random(3);
  for (std::size_t k = 0; k < built.xs.size(); ++k) {
    const std::string name = fmt::format("x{}", k);
    const Values& gradient = at[1 + k];
    double scale = 0;
    for (const double g : gradient) scale = std::max(scale, std::abs(g));
    std::vector<Values> directions{draw(random, static_cast<std::int64_t>(gradient.size()), -1, 1)};
    for (int i = 0; i < 5; ++i) {
      directions.emplace_back(gradient.size(), 0.0);
      directions.back()[random() % gradient.size()] = 1;
    }
    for (const Values& direction : directions) {
      const double h = 2e-5;
      Inputs moved = built.values;
      double expected = 0;
      const auto loss_at = [&](double step) {
        for (std::size_t i = 0; i < direction.size(); ++i)
          moved[name][i] = built.values[name][i] + step * direction[i];
        return runner.run(moved)[0][0];
      };
      for (std::size_t i = 0; i < direction.size(); ++i) expected += gradient[i] * direction[i];
      // Fourth order, so that neither h nor rounding reaches the bound.
      const double found =
          (8 * (loss_at(h) - loss_at(-h)) - (loss_at(2 * h) - loss_at(-2 * h))) / (12 * h);
      ASSERT_NEAR(found, expected, 1e-6 * std::max(std::abs(expected), 0.01 * scale) + 1e-9)
          << text << ", input " << k;
    }
  }
}

TEST(Ops, gradients_match_central_differences) {
  for (const OpCase& c : op_cases()) {
    if (c.slope == Slope::none) continue;
    Built built(c, DType::f64);
    const Var loss = built.weighted(built.y, 5);
    const std::vector<Var> dxs = gradients(loss, built.xs);
    for (std::size_t i = 0; i < dxs.size(); ++i) EXPECT_EQ(dxs[i].shape(), c.shapes[i]);
    expect_central_differences(built, loss, dxs, label(c));
  }
}

TEST(Ops, gradients_of_gradients_match_central_differences) {
  for (const OpCase& c : op_cases()) {
    if (c.slope != Slope::twice) continue;
    Built built(c, DType::f64);
    Var slopes = constant(built.graph, 0);
    unsigned seed = 9;
    for (const Var& dx : gradients(built.weighted(tanh(built.y), 5), built.xs))
      slopes = slopes + built.weighted(dx, seed++);
    expect_central_differences(built, slopes, gradients(slopes, built.xs), label(c));
  }
}

TEST(Ops, without_a_gradient_give_zero) {
  for (const OpCase& c : op_cases()) {
    if (c.slope != Slope::none) continue;
    Built built(c, DType::f64);
    const std::vector<Var> dxs = gradients(built.weighted(built.y, 5), built.xs);
    for (const Values& gradient : testing::evaluate(built.graph, dxs, built.values))
      for (const double g : gradient) ASSERT_EQ(g, 0) << label(c);
  }
}

double last_place(double x) {
  const float magnitude = std::abs(static_cast<float>(x));
  return static_cast<double>(std::nextafter(magnitude, std::numeric_limits<float>::infinity())) -
         static_cast<double>(magnitude);
}

TEST(Ops, in_f32_are_within_their_ulps_of_f64_at_every_level) {
  for (const OpCase& c : op_cases()) {
    Built narrow(c, DType::f32, true), wide(c, DType::f64, true);
    const auto expected = testing::evaluate(wide.graph, std::span(&wide.y, 1), wide.values)[0];
    for (const auto level : kernels::available_levels()) {
      const auto found =
          testing::evaluate(narrow.graph, std::span(&narrow.y, 1), narrow.values,
                            {.mode = kernels::Mode::reproducible, .level = level})[0];
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_LE(std::abs(found[i] - expected[i]), c.ulps * last_place(expected[i]))
            << label(c) << " at " << i << ": " << found[i] << " and " << expected[i];
    }
  }
}

// y of x at the given points, in f32 and f64, at every level: expected to agree with `expected`.
void expect_values(const std::function<Var(Var)>& f, const Values& x, const Values& expected) {
  for (const DType real : {DType::f32, DType::f64})
    for (const auto level : kernels::available_levels()) {
      Graph graph(real);
      const Var y = f(input(graph, "x", real, {static_cast<std::int64_t>(x.size())}));
      const Values found =
          testing::evaluate(graph, std::span(&y, 1), {{"x", x}}, {.level = level})[0];
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        if (std::isnan(expected[i]))
          EXPECT_TRUE(std::isnan(found[i])) << i << ": " << found[i];
        else
          EXPECT_EQ(found[i], expected[i]) << i;
      }
    }
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Ops, min_max_and_relu_keep_a_nan) {
  expect_values([](Var x) { return relu(x); }, {kNaN, -kInf, kInf, -1, 2}, {kNaN, 0, kInf, 0, 2});
  expect_values([](Var x) { return max(x, constant(x.graph(), 1)); }, {kNaN, -kInf, kInf},
                {kNaN, 1, kInf});
  expect_values([](Var x) { return max(constant(x.graph(), 1), x); }, {kNaN, -kInf, kInf},
                {kNaN, 1, kInf});
  expect_values([](Var x) { return min(x, constant(x.graph(), 1)); }, {kNaN, -kInf, kInf},
                {kNaN, -kInf, 1});
  expect_values([](Var x) { return reduce_max(x); }, {1, kNaN, 3}, {kNaN});
  expect_values([](Var x) { return sum(x); }, {1, kNaN, 3}, {kNaN});
  expect_values([](Var x) { return clamp(x, -1, 1); }, {kNaN, 5, -kInf}, {kNaN, 1, -1});
}

TEST(Ops, limits_are_what_they_should_be) {
  expect_values([](Var x) { return exp(x); }, {-kInf, kInf, 0, kNaN}, {0, kInf, 1, kNaN});
  expect_values([](Var x) { return log(x); }, {0, kInf, 1, -1}, {-kInf, kInf, 0, kNaN});
  expect_values([](Var x) { return sigmoid(x); }, {-kInf, kInf, 0, kNaN}, {0, 1, 0.5, kNaN});
  expect_values([](Var x) { return softplus(x); }, {-kInf, kInf, kNaN}, {0, kInf, kNaN});
  expect_values([](Var x) { return tanh(x); }, {-kInf, kInf, 0, kNaN}, {-1, 1, 0, kNaN});
  expect_values([](Var x) { return floor(x); }, {-0.5, 2.5, -3, kInf}, {-1, 2, -3, kInf});
  expect_values([](Var x) { return less(x, constant(x.graph(), 1)); }, {0, 1, 2, kNaN},
                {1, 0, 0, 0});
  expect_values([](Var x) { return equal(x, x); }, {0, kInf, kNaN}, {1, 1, 0});
}

TEST(Ops, select_lets_nothing_leak_from_what_it_did_not_choose) {
  const auto masked_log = [](Var x) {
    const Var positive = less(constant(x.graph(), 0), x);
    return select(positive, log(select(positive, x, constant(x.graph(), 1))),
                  constant(x.graph(), 0));
  };
  expect_values(masked_log, {-1, 0, 1, kNaN}, {0, 0, 0, 0});
  expect_values([&](Var x) { return gradients(sum(masked_log(x)), std::span(&x, 1))[0]; },
                {-1, 0, 2, kNaN}, {0, 0, 0.5, 0});
  // The slope that comes from above is NaN where the other side was chosen.
  const auto only_chosen = [](Var x) {
    const Var chosen = select(less(x, constant(x.graph(), 1)), x, constant(x.graph(), 5));
    return gradients(sum(chosen * stop_gradient(sqrt(1 - x))), std::span(&x, 1))[0];
  };
  expect_values(only_chosen, {-3, 0, 2}, {2, 1, 0});
}

TEST(Ops, argmin_takes_the_first_of_equals_and_a_nan_before_all) {
  expect_values([](Var x) { return cast(argmin(reshape(x, {3, 3}))); },
                {3, 1, 1, kNaN, 0, 1, 2, kNaN, -5}, {1, 0, 1});
}

TEST(Ops, scatter_add_adds_in_order_and_skips_indices_outside) {
  Graph graph;
  const Var x = input(graph, "x", DType::f32, {4, 2});
  const Var index = input(graph, "i", DType::i32, {4});
  const Var outputs[] = {scatter_add(index, x, 3), gather(x, index)};
  const auto y =
      testing::evaluate(graph, outputs, {{"x", {1, 2, 3, 4, 5, 6, 7, 8}}, {"i", {2, -1, 2, 4}}});
  EXPECT_EQ(y[0], (Values{0, 0, 0, 0, 6, 8}));
  EXPECT_EQ(y[1], (Values{5, 6, 0, 0, 5, 6, 0, 0}));
}

}  // namespace
}  // namespace diabolo
