#include <diabolo/base/random.h>
#include <diabolo/prob/mixture.h>
#include <gtest/gtest.h>
#include <plan/evaluate.h>

#include <cmath>

namespace diabolo::mixture_test {
namespace {

using testing::evaluate;
using testing::Values;

constexpr std::int64_t Z = 2;

// Two clusters: a quarter at (-3, 0) with std (0.5, 1), the rest at (2, 1) with correlation 0.8.
std::vector<float> two_clusters(std::size_t n) {
  RandomStream random({.seed = 6});
  std::vector<float> codes;
  for (std::size_t i = 0; i < n; ++i) {
    const double a = random.normal(), b = random.normal();
    const bool first = i % 4 == 0;
    codes.push_back(static_cast<float>(first ? -3 + 0.5 * a : 2 + a));
    codes.push_back(static_cast<float>(first ? b : 1 + 0.8 * a + 0.6 * b));
  }
  return codes;
}

// The prior in a graph, with its state as fitted.
struct Fixture {
  Graph graph{DType::f64};
  Parameters parameters, state;
  Var keys;
  Scope scope;
  std::unique_ptr<Prior> prior;
  std::map<std::string, Values> given;

  Fixture(std::int64_t rows, double components)
      : keys(input(graph, "keys", DType::u64, {rows})),
        scope(graph, parameters, state, {.keys = keys, .stream = Stream::sample}),
        prior(priors().make({"mixture", {{"components", components}}})) {
    for (std::int64_t i = 0; i < rows; ++i) given["keys"].push_back(static_cast<double>(i));
  }
  void fit(const std::vector<float>& codes, std::int64_t dimensions) {
    Values flat(static_cast<std::size_t>(state.size()));
    ThreadPool pool(1);
    prior->fit(codes, dimensions, 3, {}, pool,
               [&](const std::string& name, std::span<const double> values) {
                 for (const ParameterInfo& info : state.all())
                   if (info.name == name)
                     std::copy(values.begin(), values.end(), flat.begin() + info.offset);
               });
    given["state"] = flat;
  }
  Values run(Var y) { return evaluate(graph, std::vector{y}, given, {}, {.seed = 2})[0]; }
};

// A grid of cell size `step` over [low, high]^Z.
std::pair<std::int64_t, Values> grid(std::int64_t dimensions, double low, double high,
                                     double step) {
  const auto n = static_cast<std::int64_t>((high - low) / step);
  Values z;
  const std::int64_t cells = dimensions == 1 ? n : n * n;
  for (std::int64_t i = 0; i < cells; ++i) {
    z.push_back(low + step * (static_cast<double>(i % n) + 0.5));
    if (dimensions == 2) z.push_back(low + step * (static_cast<double>(i / n) + 0.5));
  }
  return {cells, z};
}

TEST(mixture, em_recovers_two_separated_clusters) {
  const Mixture m = fit_mixture(two_clusters(4000), Z, 2, 1);
  ASSERT_EQ(m.components, 2);
  const std::size_t first = m.mean[0] < 0 ? 0 : 1, second = 1 - first;
  EXPECT_NEAR(std::exp(m.log_weight[first]), 0.25, 0.01);
  EXPECT_NEAR(std::exp(m.log_weight[second]), 0.75, 0.01);
  EXPECT_NEAR(m.mean[first * 2], -3, 0.06);
  EXPECT_NEAR(m.mean[first * 2 + 1], 0, 0.1);
  EXPECT_NEAR(m.mean[second * 2], 2, 0.06);
  EXPECT_NEAR(m.mean[second * 2 + 1], 1, 0.06);
  const double* l = &m.cholesky[second * 4];
  EXPECT_NEAR(l[0], 1, 0.05);
  EXPECT_EQ(l[1], 0);
  EXPECT_NEAR(l[2], 0.8, 0.05);
  EXPECT_NEAR(l[3], 0.6, 0.05);
  EXPECT_NEAR(m.cholesky[first * 4], 0.5, 0.05);
}

TEST(mixture, fit_depends_on_the_seed_alone) {
  const auto codes = two_clusters(5000);
  ThreadPool pool(3);
  const Mixture a = fit_mixture(codes, Z, 5, 1), b = fit_mixture(codes, Z, 5, 1, {}, &pool);
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.cholesky, b.cholesky);
  EXPECT_NE(a.mean, fit_mixture(codes, Z, 5, 2).mean);
}

TEST(mixture, held_out_codes_say_how_many_components) {
  RandomStream random({.seed = 9});
  std::vector<float> one, ring;
  for (int i = 0; i < 8000; ++i) one.push_back(static_cast<float>(random.normal()));
  for (int i = 0; i < 2000; ++i) {
    const double angle = 2 * M_PI * random.uniform();
    ring.push_back(static_cast<float>(std::cos(angle) + 0.05 * random.normal()));
    ring.push_back(static_cast<float>(std::sin(angle) + 0.05 * random.normal()));
  }
  const Mixture few = choose_mixture(one, 8, 64, 1), single = fit_mixture(one, 8, 1, 1);
  EXPECT_LT(few.components, 64) << "1,000 codes of one normal";
  double lost = 0;
  for (int i = 0; i < 500; ++i) {
    Values z(8);
    for (double& x : z) x = random.normal();
    lost += (log_prob(single, z) - log_prob(few, z)) / 500;
  }
  EXPECT_LT(lost, 0.3) << "nats a fresh code";
  EXPECT_GE(choose_mixture(ring, Z, 32, 1).components, 8);
  EXPECT_EQ(choose_mixture(std::span(one).first(6), Z, 32, 1).components, 1);
}

TEST(mixture, log_prob_in_the_graph_equals_that_on_the_host) {
  const auto codes = two_clusters(600);
  const Mixture m = choose_mixture(codes, Z, 4, 3);
  Fixture f(1, 4);
  const auto [cells, z] = grid(Z, -6, 6, 1);
  const Var log_prob = f.prior->log_prob(f.scope, constant(f.graph, {cells, Z}, z));
  f.prior->sample(f.scope, 1, Z);
  f.fit(codes, Z);
  const Values got = f.run(log_prob);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double host = diabolo::log_prob(m, std::span(z).subspan(2 * i, 2));
    EXPECT_NEAR(got[i], host, 1e-10 * (1 + std::abs(host)));
  }
}

TEST(mixture, density_integrates_to_one) {
  for (const std::int64_t dimensions : {1, 2}) {
    const auto codes = two_clusters(600);
    Fixture f(1, 3);
    const double step = 0.1;
    const auto [cells, z] = grid(dimensions, -10, 10, step);
    const Var log_prob = f.prior->log_prob(f.scope, constant(f.graph, {cells, dimensions}, z));
    f.prior->sample(f.scope, 1, dimensions);
    f.fit(codes, dimensions);
    const Values got = f.run(sum(exp(log_prob)));
    EXPECT_NEAR(got[0] * std::pow(step, static_cast<double>(dimensions)), 1, 1e-6) << dimensions;
  }
}

TEST(mixture, components_without_codes_have_no_weight) {
  Fixture f(500, 20);  // 30 codes are enough for three
  const Var log_prob = f.prior->log_prob(f.scope, constant(f.graph, {1, Z}, {2, 1}));
  const Var z = f.prior->sample(f.scope, 500, Z);
  const auto codes = two_clusters(30);
  f.fit(codes, Z);
  const Mixture m = choose_mixture(codes, Z, 20, 3);
  EXPECT_LT(m.components, 4);
  EXPECT_NEAR(f.run(log_prob)[0], diabolo::log_prob(m, Values{2, 1}), 1e-10);
  // An unused component would give the code 0 exactly.
  const Values sampled = f.run(z);
  for (std::size_t i = 0; i < sampled.size(); i += 2)
    EXPECT_FALSE(sampled[i] == 0 && sampled[i + 1] == 0);
}

TEST(mixture, samples_have_the_moments_of_the_codes) {
  constexpr std::int64_t kRows = 20000;
  const auto codes = two_clusters(4000);
  Fixture f(kRows, 2);
  f.prior->log_prob(f.scope, constant(f.graph, {1, Z}, {0, 0}));
  const Var sample = f.prior->sample(f.scope, kRows, Z);
  f.fit(codes, Z);
  const Values z = f.run(sample);
  const auto moments = [](const auto& x) {  // means, variances, covariance, share below -1
    double m[6] = {};
    const double n = static_cast<double>(x.size()) / 2;
    for (std::size_t i = 0; i < x.size(); i += 2) {
      const double a = static_cast<double>(x[i]), b = static_cast<double>(x[i + 1]);
      m[0] += a / n;
      m[1] += b / n;
      m[2] += a * a / n;
      m[3] += b * b / n;
      m[4] += a * b / n;
      m[5] += (a < -1) / n;
    }
    return std::vector<double>(m, m + 6);
  };
  const auto got = moments(z), expected = moments(codes);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(got[i], expected[i], 0.1) << i;
  EXPECT_NEAR(got[5], 0.25, 0.02);
}

TEST(mixture, samples_have_the_density_that_log_prob_says) {
  constexpr std::int64_t kRows = 20000;
  const auto codes = two_clusters(4000);
  Fixture f(kRows, 2);
  const Var z = f.prior->sample(f.scope, kRows, Z);
  // E[-log p] of own samples is the entropy; compare with the one integrated on a grid.
  const Var entropy = -mean(f.prior->log_prob(f.scope, z));
  const auto [cells, points] = grid(Z, -10, 10, 0.1);
  const Var log_prob = f.prior->log_prob(f.scope, constant(f.graph, {cells, Z}, points));
  const Var integral = -sum(exp(log_prob) * log_prob) * 0.01;
  f.fit(codes, Z);
  EXPECT_NEAR(f.run(entropy)[0], f.run(integral)[0], 0.04);
}

TEST(mixture, codes_that_are_all_equal_give_a_finite_fit) {
  const std::vector<float> codes(200, 0.5f);
  const Mixture m = fit_mixture(codes, Z, 3, 1);
  EXPECT_TRUE(std::isfinite(log_prob(m, Values{0.5, 0.5})));
  EXPECT_TRUE(std::isfinite(log_prob(m, Values{5, 5})));
  EXPECT_EQ(fit_mixture(std::vector<float>{1, 2}, Z, 20, 1).components, 1) << "one code";
}

TEST(mixture, is_fitted_with_many_more_codes_than_it_looks_at) {
  const Mixture m = fit_mixture(two_clusters(30000), Z, 2, 1);
  EXPECT_NEAR(std::exp(std::min(m.log_weight[0], m.log_weight[1])), 0.25, 0.02);
}

}  // namespace
}  // namespace diabolo::mixture_test
