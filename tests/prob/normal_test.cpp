// The diagonal normal posterior, the standard prior and their KL.
#include <diabolo/prob/normal.h>
#include <diabolo/prob/prior.h>
#include <gtest/gtest.h>
#include <plan/evaluate.h>

#include <cmath>

namespace diabolo::normal_test {
namespace {

using testing::evaluate;
using testing::Values;

// q(z|x) whose mean and log_std are what the test says, by zero weights.
struct Fixture {
  static constexpr std::int64_t B = 2, Z = 2;
  Graph graph{DType::f64};
  Parameters parameters, state;
  Var keys = input(graph, "keys", DType::u64, {B});
  Scope scope{graph, parameters, state, {.keys = keys, .stream = Stream::eval}};
  std::unique_ptr<PosteriorBatch> q;
  std::map<std::string, Values> given;

  explicit Fixture(const std::string& type, const Values& mean, const Values& log_std) {
    const Var features = input(graph, "features", DType::f64, {B, 1});
    q = posteriors().make({type, {}})->build(scope, features, Z);
    Values flat(static_cast<std::size_t>(parameters.size()));
    for (const ParameterInfo& info : parameters.all()) {
      if (info.name == "mean.bias") std::copy(mean.begin(), mean.end(), &flat[index(info)]);
      if (info.name == "log_std.bias")
        std::copy(log_std.begin(), log_std.end(), &flat[index(info)]);
    }
    given = {{"features", {1, 1}}, {"keys", {3, 4}}, {"parameters", flat}};
  }
  static std::size_t index(const ParameterInfo& info) {
    return static_cast<std::size_t>(info.offset);
  }
  Values run(Var y) { return evaluate(graph, std::vector{y}, given, {}, {.seed = 1})[0]; }
};

TEST(normal, log_prob_is_that_of_the_formula) {
  Graph graph(DType::f64);
  const Var y = normal_log_prob(constant(graph, 1.3), constant(graph, 0.3), constant(graph, 0.5));
  EXPECT_NEAR(evaluate(graph, std::vector{y}, {})[0][0],
              -0.5 * std::exp(-1.0) - 0.5 - 0.5 * std::log(2 * M_PI), 1e-15);
}

TEST(normal, kl_closed_form_is_zero_at_the_prior_and_equals_monte_carlo) {
  Fixture f("gaussian", {0.7, 0}, {-0.8, 0});
  const auto prior = priors().make({"standard", {}});
  const Values kl = f.run(prior->kl(f.scope, *f.q));  // [B, Z]
  EXPECT_NEAR(kl[0], 0.5 * (0.49 + std::exp(-1.6) - 1) + 0.8, 1e-15);
  EXPECT_EQ(kl[1], 0);

  constexpr int kDraws = 50000;
  const Var z = f.q->rsample(f.scope, kDraws);  // [K, B, Z]
  const Values sampled = f.run(f.q->log_prob(z) - prior->log_prob(f.scope, z));
  double mean = 0, squares = 0;
  for (const double x : sampled) mean += x / (2.0 * kDraws);
  for (const double x : sampled) squares += (x - mean) * (x - mean);
  EXPECT_NEAR(mean, kl[0] + kl[1], 4 * std::sqrt(squares) / (2.0 * kDraws));
}

TEST(normal, posterior_samples_have_its_moments) {
  Fixture f("gaussian", {0.7, -2}, {-0.8, 0.4});
  constexpr int kDraws = 20000;
  const Values z = f.run(f.q->rsample(f.scope, kDraws));
  for (std::size_t c = 0; c < 2; ++c) {
    double mean = 0, squares = 0, third = 0;
    const double n = static_cast<double>(z.size()) / 2, m = c ? -2 : 0.7,
                 s = std::exp(c ? 0.4 : -0.8);
    for (std::size_t i = c; i < z.size(); i += 2) {
      const double e = (z[i] - m) / s;
      mean += e / n;
      squares += e * e / n;
      third += e * e * e / n;
    }
    EXPECT_NEAR(mean, 0, 4 / std::sqrt(n));
    EXPECT_NEAR(squares, 1, 4 * std::sqrt(2 / n));
    EXPECT_NEAR(third, 0, 4 * std::sqrt(15 / n));
  }
}

TEST(normal, log_std_of_the_posterior_is_bounded) {
  Fixture f("gaussian", {0, 0}, {-100, 100});
  const Values log_std = f.run(f.q->log_std());
  EXPECT_EQ(log_std[0], -9);
  EXPECT_EQ(log_std[1], 6);
}

TEST(normal, one_draw_is_the_first_of_many) {
  Fixture f("gaussian", {0.7, -2}, {-0.8, 0.4});
  // Each node has noise columns of its own, so the two are compared in graphs of their own.
  Fixture g("gaussian", {0.7, -2}, {-0.8, 0.4});
  const Values one = f.run(f.q->rsample(f.scope, 1)), many = g.run(g.q->rsample(g.scope, 3));
  EXPECT_EQ(one, Values(many.begin(), many.begin() + 4));
}

TEST(deterministic, is_its_mean_and_has_no_density) {
  Fixture f("deterministic", {0.7, -2}, {});
  EXPECT_EQ(f.run(f.q->rsample(f.scope, 1)), (Values{0.7, -2, 0.7, -2}));
  EXPECT_EQ(f.run(f.q->rsample(f.scope, 2)).size(), 8u);
  EXPECT_FALSE(f.q->log_prob(f.q->mean()));
  EXPECT_FALSE(posteriors().make({"deterministic", {}})->has_density());
}

TEST(standard, samples_have_the_moments_of_the_prior) {
  constexpr std::int64_t kRows = 20000;
  Graph graph(DType::f64);
  Parameters p, s;
  Values keys(kRows);
  for (std::size_t i = 0; i < kRows; ++i) keys[i] = static_cast<double>(i);
  const Var k = input(graph, "keys", DType::u64, {kRows});
  const Scope scope(graph, p, s, {.keys = k, .stream = Stream::sample});
  const auto prior = priors().make({"standard", {}});
  const Values z =
      evaluate(graph, std::vector{prior->sample(scope, kRows, 2)}, {{"keys", keys}})[0];
  double mean = 0, squares = 0, cross = 0;
  const double n = static_cast<double>(z.size());
  for (std::size_t i = 0; i < z.size(); i += 2) {
    mean += (z[i] + z[i + 1]) / n;
    squares += (z[i] * z[i] + z[i + 1] * z[i + 1]) / n;
    cross += 2 * z[i] * z[i + 1] / n;
  }
  EXPECT_NEAR(mean, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(squares, 1, 4 * std::sqrt(2 / n));
  EXPECT_NEAR(cross, 0, 4 * std::sqrt(2 / n));
}

}  // namespace
}  // namespace diabolo::normal_test
