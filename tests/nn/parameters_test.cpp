#include <diabolo/base/error.h>
#include <diabolo/nn/dense.h>
#include <gtest/gtest.h>
#include <plan/evaluate.h>

#include <cmath>

namespace diabolo {
namespace {

TEST(parameters, each_begins_at_a_multiple_of_16_and_padding_is_zero) {
  Parameters p;
  const Init one{.kind = Init::constant, .value = 1};
  EXPECT_EQ(p.declare("a", {3}, one).offset, 0);
  EXPECT_EQ(p.declare("b", {4, 5}, one).offset, 16);
  EXPECT_EQ(p.declare("c", {}, one).offset, 48);
  EXPECT_EQ(p.size(), 64);
  std::vector<float> values(64, 9);
  p.initialize(values, 0);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(values[i], i < 3 || (i >= 16 && i < 36) || i == 48 ? 1 : 0) << i;
}

TEST(parameters, known_one_is_found_and_another_shape_refused) {
  Parameters p;
  p.declare("a", {3}, {});
  EXPECT_EQ(p.declare("a", {3}, {}).offset, 0);
  EXPECT_EQ(p.all().size(), 1u);
  EXPECT_THROW(p.declare("a", {4}, {}), Error);
  p.close();
  EXPECT_EQ(p.declare("a", {3}, {}).offset, 0);
  EXPECT_THROW(p.declare("b", {3}, {}), Error);
}

TEST(parameters, start_depends_on_seed_and_name_alone) {
  const Init glorot{.kind = Init::glorot_uniform};
  Parameters p, q;
  p.declare("a", {4, 4}, glorot);
  p.declare("b", {4, 4}, glorot);
  q.declare("b", {4, 4}, glorot);
  std::vector<float> first(32), again(32), other(16), seeded(16);
  p.initialize(first, 1);
  p.initialize(again, 1);
  q.initialize(other, 1);
  q.initialize(seeded, 2);
  EXPECT_EQ(first, again);
  EXPECT_TRUE(std::equal(other.begin(), other.end(), first.begin() + 16));
  EXPECT_FALSE(std::equal(other.begin(), other.end(), first.begin()));
  EXPECT_NE(other, seeded);
}

TEST(parameters, initial_values_have_their_distribution) {
  Parameters p;
  p.declare("glorot", {100, 200}, {.kind = Init::glorot_uniform});
  p.declare("normal", {100, 200}, {.kind = Init::normal, .value = 0.3});
  std::vector<float> values(static_cast<std::size_t>(p.size()));
  p.initialize(values, 3);
  const double limit = std::sqrt(6.0 / 300);
  double squares[2] = {}, largest = 0;
  for (std::size_t i = 0; i < 20000; ++i) {
    const double u = static_cast<double>(values[i]), n = static_cast<double>(values[20000 + i]);
    squares[0] += u * u / 20000;
    squares[1] += n * n / 20000;
    largest = std::max(largest, std::abs(u));
  }
  EXPECT_LE(largest, limit);
  EXPECT_GT(largest, 0.999 * limit);
  EXPECT_NEAR(squares[0], limit * limit / 3, 0.02 * limit * limit);
  EXPECT_NEAR(squares[1], 0.09, 0.004);
}

TEST(dense, is_x_times_weight_plus_bias) {
  Graph graph(DType::f64);
  Parameters p, s;
  const Var x = input(graph, "x", DType::f64, {2, 2});
  const Var y = dense(Scope(graph, p, s) / "layer", x, 3);
  ASSERT_EQ(p.all()[0].name, "layer.weight");
  ASSERT_EQ(p.all()[1].name, "layer.bias");
  testing::Values flat{1, 2, 3, 4, 5, 6};
  flat.resize(16);
  flat.insert(flat.end(), {0.5, 0, -0.5});
  flat.resize(32);
  EXPECT_EQ(
      testing::evaluate(graph, std::vector{y}, {{"x", {1, 0, 10, 100}}, {"parameters", flat}})[0],
      (testing::Values{1.5, 2, 2.5, 410.5, 520, 629.5}));
}

TEST(dense, mlp_applies_the_activation_after_every_layer) {
  Graph graph(DType::f64);
  Parameters p, s;
  const Var x = input(graph, "x", DType::f64, {1, 1});
  const Var y = mlp(Scope(graph, p, s), x, {1, 1}, activation("relu"));
  testing::Values flat(64);
  flat[0] = -1;   // 0.weight
  flat[32] = 5;   // 1.weight
  flat[48] = -2;  // 1.bias
  const auto run = [&](double at) {
    return testing::evaluate(graph, std::vector{y}, {{"x", {at}}, {"parameters", flat}})[0][0];
  };
  EXPECT_EQ(run(-1), 3);  // relu(5 relu(1) - 2)
  EXPECT_EQ(run(1), 0);
}

TEST(scope, names_are_joined_by_dots) {
  Graph graph;
  Parameters p, s;
  const Scope scope(graph, p, s);
  (scope / "a" / "b").parameter("w", {2}, {});
  (scope / "a").state("k", {});
  EXPECT_EQ(p.all()[0].name, "a.b.w");
  EXPECT_EQ(s.all()[0].name, "a.k");
}

TEST(scope, noise_without_keys_is_an_internal_error) {
  Graph graph;
  Parameters p, s;
  EXPECT_THROW(Scope(graph, p, s).normal({1, 1}, "noise"), Error);
}

}  // namespace
}  // namespace diabolo
