#include <diabolo/prob/likelihood.h>
#include <gtest/gtest.h>
#include <plan/evaluate.h>

#include <cmath>

namespace diabolo::likelihood_test {
namespace {

using testing::evaluate;
using testing::Values;

// p(x|z) of `rows` rows of D dimensions whose head (logits, or means) is a bias alone.
struct Fixture {
  Graph graph;
  Parameters parameters, state;
  Var keys;
  Scope scope;
  std::unique_ptr<LikelihoodBatch> p;
  std::map<std::string, Values> given;

  Fixture(const ComponentChoice& choice, const Values& head, std::int64_t rows = 1,
          const Values& log_std = {}, DType real = DType::f64)
      : graph(real),
        keys(input(graph, "keys", DType::u64, {rows})),
        scope(graph, parameters, state, {.keys = keys, .stream = Stream::likelihood}) {
    const Var features = full(graph, {rows, 1}, 1);
    p = likelihoods().make(choice)->build(scope, features, static_cast<std::int64_t>(head.size()));
    Values flat(static_cast<std::size_t>(parameters.size()));
    for (const ParameterInfo& info : parameters.all()) {
      double* at = &flat[static_cast<std::size_t>(info.offset)];
      if (info.name.ends_with(".bias")) std::copy(head.begin(), head.end(), at);
      if (info.name == "log_std") std::copy(log_std.begin(), log_std.end(), at);
    }
    given = {{"parameters", flat}};
    for (std::int64_t i = 0; i < rows; ++i) given["keys"].push_back(static_cast<double>(i));
  }
  Values log_prob(const Values& x) {
    const auto D = static_cast<std::int64_t>(x.size());
    const Var v = constant(graph, {1, D}, x);
    return run(p->log_prob(v, {1, D}));
  }
  Values run(Var y) { return evaluate(graph, std::vector{y}, given, {}, {.seed = 2})[0]; }
};

// x log s(l) + (1 - x) log(1 - s(l)) in long double, each log without cancellation.
double bernoulli_reference(double x, double l) {
  const long double L = l;
  const long double log_one = -std::log1p(std::exp(-std::abs(L))) + std::min(L, 0.0L);
  const long double log_zero = -std::log1p(std::exp(-std::abs(L))) - std::max(L, 0.0L);
  return static_cast<double>(static_cast<long double>(x) * log_one +
                             (1 - static_cast<long double>(x)) * log_zero);
}

TEST(bernoulli, log_prob_is_exact_for_large_logits_too) {
  const Values logits = {-800, -90, -30, -5, -0.1, 0, 1e-8, 0.3, 4, 40, 100, 700};
  for (const DType real : {DType::f64, DType::f32})
    for (const double x : {0.0, 1.0, 0.25}) {
      Fixture f({"bernoulli", {}}, logits, 1, {}, real);
      const Values got = f.log_prob(Values(logits.size(), x));
      for (std::size_t i = 0; i < logits.size(); ++i) {
        const double expected = bernoulli_reference(
            x, real == DType::f32 ? static_cast<double>(static_cast<float>(logits[i])) : logits[i]);
        // Relative where one term stands alone; x l - softplus(l) cancels for x = 1, l >> 0.
        const double tolerance = (real == DType::f64 ? 3e-16 : 2e-7) *
                                 std::max({std::abs(expected), std::abs(x * logits[i]), 1e-30});
        EXPECT_NEAR(got[i], expected, tolerance) << x << " " << logits[i];
      }
    }
}

TEST(bernoulli, samples_are_0_or_1_with_the_mean_as_frequency) {
  constexpr std::int64_t kRows = 20000;
  const Values logits = {-2, 0, 0.7, 30, -30};
  Fixture f({"bernoulli", {}}, logits, kRows);
  const Values mean = f.run(f.p->mean()), x = f.run(f.p->sample(f.scope));
  for (std::size_t d = 0; d < 5; ++d) {
    double ones = 0;
    for (std::size_t i = d; i < x.size(); i += 5) {
      ASSERT_TRUE(x[i] == 0 || x[i] == 1);
      ones += x[i];
    }
    const double m = mean[d];
    EXPECT_NEAR(m, 1 / (1 + std::exp(-logits[d])), 1e-15);
    EXPECT_NEAR(ones / kRows, m, 4 * std::sqrt(m * (1 - m) / kRows) + 1e-9);
  }
}

TEST(normal_likelihood, fixed_scale_is_the_squared_error_up_to_constants) {
  Fixture f({"normal", {{"scale", 0.5}}}, {1, 2, 3});
  const Values got = f.log_prob({1.5, 2, 1});
  const double constant = -std::log(0.5) - 0.5 * std::log(2 * M_PI);
  const Values errors = {0.5, 0, -2};
  for (std::size_t d = 0; d < 3; ++d)
    EXPECT_NEAR(got[d], -errors[d] * errors[d] / (2 * 0.25) + constant, 1e-14);
  EXPECT_EQ(f.parameters.all().size(), 2u) << "no scale to learn";
}

TEST(normal_likelihood, learned_scale_is_one_per_dimension_or_one_for_all) {
  Fixture each({"normal", {}}, {0, 0}, 1, {0, 1});
  Fixture all({"normal", {{"per", "all"}}}, {0, 0}, 1, {1});
  EXPECT_NEAR(each.log_prob({1, 1})[0], -0.5 - 0.5 * std::log(2 * M_PI), 1e-14);
  EXPECT_NEAR(each.log_prob({1, 1})[1], all.log_prob({1, 1})[0], 1e-15);
  EXPECT_EQ(each.log_prob({1, 1})[1], all.log_prob({1, 1})[1]);
}

TEST(normal_likelihood, learned_scale_is_bounded) {
  Fixture f({"normal", {}}, {0, 0}, 1, {-1000, 1000});
  const Values got = f.log_prob({0, 0});
  EXPECT_NEAR(got[0], 6 - 0.5 * std::log(2 * M_PI), 1e-14);
  EXPECT_NEAR(got[1], -6 - 0.5 * std::log(2 * M_PI), 1e-14);
}

TEST(normal_likelihood, samples_have_its_moments) {
  constexpr std::int64_t kRows = 20000;
  Fixture f({"normal", {}}, {1, -2}, kRows, {-1, 0.5});
  const Values x = f.run(f.p->sample(f.scope));
  for (std::size_t d = 0; d < 2; ++d) {
    double mean = 0, squares = 0;
    const double m = d ? -2 : 1, s = std::exp(d ? 0.5 : -1);
    for (std::size_t i = d; i < x.size(); i += 2) {
      mean += (x[i] - m) / s / kRows;
      squares += (x[i] - m) / s * (x[i] - m) / s / kRows;
    }
    EXPECT_NEAR(mean, 0, 4 / std::sqrt(kRows));
    EXPECT_NEAR(squares, 1, 4 * std::sqrt(2.0 / kRows));
  }
}

TEST(likelihood, several_draws_share_the_data) {
  const auto table = likelihoods();
  for (const ComponentInfo<Likelihood>& entry : table.entries()) {
    Fixture f({entry.name, {}}, {0.3, -0.2}, 6, {0.1, 0.2});  // R = 3 draws of 2 rows
    const Var x = constant(f.graph, {2, 2}, {0, 1, 1, 0.5});
    const Values got = f.run(f.p->log_prob(x, {3, 2, 2}));
    ASSERT_EQ(got.size(), 12u);
    for (std::size_t i = 4; i < 12; ++i) EXPECT_EQ(got[i], got[i % 4]) << entry.name;
  }
}

TEST(likelihood, ranges_and_measures_are_what_data_checks_rely_on) {
  EXPECT_EQ(likelihoods().make({"bernoulli", {}})->range(), (std::pair<double, double>{0, 1}));
  EXPECT_TRUE(likelihoods().make({"bernoulli", {}})->is_mass());
  EXPECT_FALSE(likelihoods().make({"normal", {}})->is_mass());
  EXPECT_TRUE(std::isinf(likelihoods().make({"normal", {}})->range().second));
}

TEST(likelihood, scale_out_of_range_is_refused) {
  for (const Setting& bad : {Setting(0.0), Setting(-1.0), Setting("fixed"), Setting(1e7)})
    EXPECT_THROW(likelihoods().complete({"normal", {{"scale", bad}}}), Error) << to_string(bad);
}

}  // namespace
}  // namespace diabolo::likelihood_test
