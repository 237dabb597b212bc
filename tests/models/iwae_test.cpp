// The importance-weighted objective against weights computed apart.
#include <gtest/gtest.h>
#include <models/tiny_model.h>

#include <cmath>

namespace diabolo::iwae_test {
namespace {

using testing::TinyModel;
using testing::Values;

constexpr std::int64_t B = 3, D = 4;
const Values kX = {0.3, -1.0, 0.5, 0.1, 2.0, 0.4, -0.7, 1.1, -1.2, 0.9, 0.0, -0.3};

Composition composition(const ComponentChoice& objective) {
  Composition c;
  c.objective = objective;
  c.encoder.settings = c.decoder.settings = {{"hidden", "5"}};
  return c;
}

// log_px, log_pz - log_qz, loss of each row (and draw), weight of the KL.
std::vector<Values> run(const ComponentChoice& objective, std::int64_t draws, double warmup = 1) {
  const TinyModel m(composition(objective), {}, B, D, DType::f64, draws);
  return testing::evaluate(
      m.graph,
      std::vector{m.terms.log_px, m.terms.log_pz - m.terms.log_qz, m.loss.rows, m.loss.weight},
      {{"x", kX},
       {"keys", {1, 2, 3}},
       {"warmup", {warmup}},
       {"parameters", TinyModel::initial(m.parameters, 3)}});
}

TEST(iwae, one_draw_is_the_bound_with_its_kl_from_the_draw) {
  const auto got = run({"iwae", {{"draws", 1.0}}}, 1), elbo = run({"elbo", {}}, 1);
  EXPECT_EQ(got[0], elbo[0]) << "the same draws";
  for (std::size_t b = 0; b < B; ++b)
    EXPECT_NEAR(got[2][b], -(got[0][b] + got[1][b]), 1e-13 * std::abs(got[2][b]));
}

TEST(iwae, loss_is_minus_the_logarithm_of_the_mean_weight) {
  for (const double warmup : {1.0, 0.3, 0.0})
    for (const std::int64_t draws : {2, 7}) {
      const auto got = run({"iwae", {{"draws", 7.0}}}, draws, warmup);
      ASSERT_EQ(got[2].size(), static_cast<std::size_t>(B));
      EXPECT_EQ(got[3], Values({warmup}));
      for (std::size_t b = 0; b < B; ++b) {
        double sum = 0;
        for (std::size_t i = b; i < got[0].size(); i += B)
          sum += std::exp(got[0][i] + warmup * got[1][i]);
        EXPECT_NEAR(got[2][b], -std::log(sum / static_cast<double>(draws)), 1e-12) << warmup;
      }
    }
}

TEST(iwae, draws_are_those_of_its_setting) {
  EXPECT_EQ(objectives().make({"iwae", {}})->draws(), 20);
  EXPECT_EQ(objectives().make({"iwae", {{"draws", 5.0}}})->draws(), 5);
  EXPECT_EQ(objectives().make({"elbo", {}})->draws(), 1);
}

}  // namespace
}  // namespace diabolo::iwae_test
