// Where objectives reduce to something already trusted.
#include <diabolo/models/presets.h>
#include <gtest/gtest.h>
#include <models/tiny_model.h>

#include <cmath>

namespace diabolo::objective_test {
namespace {

using testing::evaluate;
using testing::TinyModel;
using testing::Values;

constexpr std::int64_t B = 5, D = 4;

Composition small(const std::string& name) {
  Composition c = preset(name).composition;
  c.encoder.settings = {{"hidden", "6"}};
  c.decoder.settings = {{"hidden", "6"}};
  return c;
}

struct Outcome {
  Values loss, weight, log_px, kl, gradient;
};

// The same parameters, data and noise for every composition of the same shape.
Outcome run(const Composition& c, double warmup = 1, const Values& state = {},
            std::int64_t rows = B, std::int64_t first = 0) {
  TinyModel m(c, {}, rows, D, DType::f64);
  Values x, keys;
  for (std::int64_t r = first; r < first + rows; ++r) {
    keys.push_back(static_cast<double>(100 + r));
    for (int d = 0; d < D; ++d) x.push_back(std::sin(static_cast<double>(7 * r + d)));
  }
  std::map<std::string, Values> given = {{"x", x},
                                         {"keys", keys},
                                         {"warmup", {warmup}},
                                         {"parameters", TinyModel::initial(m.parameters, 2)},
                                         {"state", state}};
  given["state"].resize(static_cast<std::size_t>(m.state.size()));
  std::vector<Var> outputs{m.loss.rows, m.loss.weight, m.terms.log_px};
  const auto slopes = m.gradient();
  outputs.insert(outputs.end(), slopes.begin(), slopes.end());
  if (m.terms.kl) outputs.push_back(m.terms.kl);
  auto got = evaluate(m.graph, outputs, given);
  Outcome o{got[0], got[1], got[2], m.terms.kl ? got.back() : Values(), {}};
  for (std::size_t i = 3; i < 3 + slopes.size(); ++i)
    o.gradient.insert(o.gradient.end(), got[i].begin(), got[i].end());
  return o;
}

TEST(objective, beta_one_is_the_plain_vae) {
  Composition beta = small("beta-vae");
  beta.objective.settings["beta"] = 1.0;
  const Outcome a = run(beta), b = run(small("vae"));
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.gradient, b.gradient);
}

TEST(objective, is_the_negative_bound_with_a_weighted_kl) {
  for (const double warmup : {0.0, 0.25, 1.0}) {
    const Outcome o = run(small("beta-vae"), warmup);
    EXPECT_DOUBLE_EQ(o.weight[0], 4 * warmup);
    for (std::size_t b = 0; b < B; ++b)
      EXPECT_NEAR(o.loss[b], 4 * warmup * o.kl[b] - o.log_px[b], 1e-12);
  }
}

TEST(objective, constrained_with_a_given_multiplier_is_the_beta_vae) {
  Composition beta = small("beta-vae"), constrained = small("constrained-vae");
  beta.objective.settings["beta"] = 2.5;
  TinyModel m(constrained, {}, B, D, DType::f64);
  Values state;
  m.set(state, "objective.log_multiplier", {std::log(2.5)});
  const Outcome a = run(beta), b = run(constrained, 1, state);
  for (std::size_t i = 0; i < a.gradient.size(); ++i)
    EXPECT_NEAR(a.gradient[i], b.gradient[i], 1e-12 * (1 + std::abs(a.gradient[i])));
  for (std::size_t i = 0; i < a.loss.size(); ++i) EXPECT_NEAR(a.loss[i], b.loss[i], 1e-12);
}

TEST(objective, reconstruction_is_log_px_alone) {
  const Outcome o = run(small("ae"));
  for (std::size_t b = 0; b < B; ++b) EXPECT_EQ(o.loss[b], -o.log_px[b]);
  EXPECT_EQ(o.weight[0], 0);
  EXPECT_TRUE(o.kl.empty());
}

TEST(objective, batch_of_one_gives_the_row_of_the_batch) {
  for (const Preset& p : presets()) {
    const Outcome all = run(small(p.name));
    for (std::int64_t r = 0; r < B; ++r)
      EXPECT_NEAR(run(small(p.name), 1, {}, 1, r).loss[0], all.loss[static_cast<std::size_t>(r)],
                  1e-12)
          << p.name;
  }
}

// One update of the multiplier: (average, log multiplier, mean KL) -> (average, log multiplier).
Values update(double average, double log_multiplier, double kl, double limit) {
  Composition c = small("constrained-vae");
  c.objective.settings["limit"] = limit;
  TinyModel m(c, {}, 1, D, DType::f64);
  Graph after(DType::f64);
  const Scope scope(after, m.parameters, m.state);
  const auto updates = m.vae.update(scope, constant(after, kl));
  std::vector<Var> outputs;
  for (const char* name : {"objective.kl_average", "objective.log_multiplier"})
    for (const StateUpdate& u : updates)
      if (u.state.node().attributes.text == name) outputs.push_back(u.value);
  ensure(outputs.size() == 2, "test", "both state arrays updated");
  Values state;
  m.set(state, "objective.kl_average", {average});
  m.set(state, "objective.log_multiplier", {log_multiplier});
  const auto got = evaluate(after, outputs, {{"state", state}});
  return {got[0][0], got[1][0]};
}

TEST(objective, multiplier_rises_above_the_limit_and_falls_below_it) {
  EXPECT_GT(update(12, 0, 12, 10)[1], 0);
  EXPECT_LT(update(8, 0, 8, 10)[1], 0);
  EXPECT_EQ(update(10, 0.5, 10, 10)[1], 0.5);
  const double average = update(8, 0, 12, 10)[0];
  EXPECT_GT(average, 8);
  EXPECT_LT(average, 12);
}

TEST(objective, multiplier_stays_positive_and_finite_under_any_kl) {
  double average = 10, log_multiplier = 0;
  for (const double kl : {0.0, 1e30, 1e-30, 1e6})
    for (int i = 0; i < 50; ++i) {
      const Values next = update(average, log_multiplier, kl, 10);
      average = next[0];
      log_multiplier = next[1];
      ASSERT_TRUE(std::isfinite(average));
      ASSERT_TRUE(std::isfinite(std::exp(log_multiplier)));
    }
}

}  // namespace
}  // namespace diabolo::objective_test
