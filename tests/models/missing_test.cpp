// Missing values in the graph of a model, where the truth is known: a linear decoder and normal
// noise.
#include <gtest/gtest.h>
#include <models/linear_gaussian_exact.h>
#include <models/tiny_model.h>

#include <cmath>
#include <limits>

namespace diabolo::missing_test {
namespace {

using testing::LinearGaussianExact;
using testing::TinyModel;
using testing::Values;

constexpr std::int64_t B = 4, D = LinearGaussianExact::D, Z = LinearGaussianExact::Z;
constexpr double kHole = std::numeric_limits<double>::quiet_NaN();
const Values kX = {0.3,   -1.0,  0.5,   0.1,    // whole
                   2.0,   0.4,   kHole, kHole,  //
                   -1.2,  0.9,   0.0,   kHole,  //
                   kHole, kHole, kHole, kHole};

// The decoder is the exact one; the encoder is arbitrary.
class Model {
 public:
  explicit Model(std::int64_t draws, const ComponentChoice& objective = {"elbo", {}})
      : m_(composition(objective), {}, B, D, DType::f64, draws) {
    flat_ = TinyModel::initial(m_.parameters, 5);
    Values w, unit(Z * Z);
    for (std::size_t z = 0; z < Z; ++z) {
      unit[z * Z + z] = 1;
      for (std::size_t d = 0; d < D; ++d) w.push_back(exact.w[d][z]);
    }
    m_.set(flat_, "decoder.0.weight", unit);
    m_.set(flat_, "likelihood.mean.weight", w);
    m_.set(flat_, "likelihood.mean.bias", Values(exact.bias.begin(), exact.bias.end()));
    m_.set(flat_, "posterior.log_std.bias", Values(Z, 0.2));
  }
  std::vector<Values> run(const std::vector<Var>& outputs, const Values& x = kX) {
    return testing::evaluate(
        m_.graph, outputs,
        {{"x", x}, {"keys", {1, 2, 3, 4}}, {"warmup", {1}}, {"parameters", flat_}}, {},
        {.seed = 5});
  }
  Var log_w() const { return m_.terms.log_px + m_.terms.log_pz - m_.terms.log_qz; }
  const Terms& terms() const { return m_.terms; }
  const Loss& loss() const { return m_.loss; }
  LinearGaussianExact exact;

 private:
  Composition composition(const ComponentChoice& objective) const {
    Composition c;
    c.latent = Z;
    c.missing = true;
    c.objective = objective;
    c.encoder.settings = {{"hidden", "6"}, {"activation", "tanh"}};
    c.decoder.settings = {{"hidden", std::to_string(Z)}, {"activation", "identity"}};
    c.likelihood = {"normal", {{"scale", exact.scale}}};
    return c;
  }

  TinyModel m_;
  Values flat_;
};

struct Estimate {
  double mean = 0, error = 0;
};

// Mean over groups of `group` draws of the logarithm of their mean weight, of row b.
Estimate importance_bound(const Values& log_w, std::size_t b, std::size_t group) {
  Values bounds;
  for (std::size_t g = 0; (g + group) * B <= log_w.size(); g += group) {
    double sum = 0;
    for (std::size_t k = 0; k < group; ++k) sum += std::exp(log_w[(g + k) * B + b]);
    bounds.push_back(std::log(sum / static_cast<double>(group)));
  }
  Estimate e;
  const double n = static_cast<double>(bounds.size());
  for (const double x : bounds) e.mean += x / n;
  double squares = 0;
  for (const double x : bounds) squares += (x - e.mean) * (x - e.mean);
  e.error = std::sqrt(squares / (n - 1) / n);
  return e;
}

TEST(missing, importance_weighted_bound_grows_to_the_density_of_what_is_observed) {
  Model model(16384);
  const Values log_w = model.run({model.log_w()})[0];
  for (std::size_t b = 0; b < B; ++b) {
    const double exact = model.exact.given(&kX[b * D]).log_p;
    double before = -INFINITY;
    for (const std::size_t group : {1, 4, 16, 64}) {
      const Estimate bound = importance_bound(log_w, b, group);
      EXPECT_GT(bound.mean, before) << b << " " << group;
      EXPECT_LT(bound.mean, exact + 4 * bound.error + 1e-12) << b << " " << group;
      before = bound.mean;
    }
    EXPECT_NEAR(importance_bound(log_w, b, 16384 / 4).mean, exact, 0.05) << b;
  }
}

TEST(missing, columns_add_up_to_the_row_and_holes_add_nothing) {
  Model model(1);
  const auto got = model.run({model.terms().columns, model.terms().log_px});
  for (std::size_t b = 0; b < B; ++b) {
    double sum = 0;
    for (std::size_t d = 0; d < D; ++d) {
      const double x = got[0][b * D + d];
      EXPECT_EQ(x == 0, std::isnan(kX[b * D + d])) << b << " " << d;
      sum += x;
    }
    EXPECT_NEAR(got[1][b], sum, 1e-14 * std::abs(sum));
  }
}

// What stands under the mask is one of many NaN; none of them shows in a bit.
TEST(missing, other_not_a_numbers_change_nothing) {
  Model model(3, {"iwae", {}});
  const std::vector<Var> outputs{model.terms().log_px, model.terms().log_qz, model.terms().mean,
                                 model.loss().rows};
  const auto expected = model.run(outputs);
  Values x = kX;
  for (double& v : x)
    if (std::isnan(v)) v = -std::nan("0x12345");
  EXPECT_EQ(model.run(outputs, x), expected);
}

// With every value there, a model that allows holes is the same as one that does not, but for the
// mask that its encoder sees.
TEST(missing, a_whole_row_pays_the_jacobian_of_every_column) {
  Composition c;
  c.encoder.settings = c.decoder.settings = {{"hidden", "3"}};
  const Transform transform{.shift = {1, 2, 3, 4}, .scale = {2, 0.5, 4, 1}};
  const Values x = {1, 2, 3, 4, 1, kHole, 3, 4};
  c.missing = true;
  const TinyModel m(c, {}, 2, D, DType::f64, 1, transform);
  Values flat(static_cast<std::size_t>(m.parameters.size()));  // p is N(0, 1) in network units
  const auto got =
      testing::evaluate(m.graph, std::vector{m.terms.log_px},
                        {{"x", x}, {"keys", {1, 2}}, {"warmup", {1}}, {"parameters", flat}});
  const double one = -0.5 * std::log(2 * M_PI);
  EXPECT_NEAR(got[0][0], 4 * one - std::log(2 * 0.5 * 4), 1e-12);
  EXPECT_NEAR(got[0][1], 3 * one - std::log(2 * 4), 1e-12) << "none for the hole";
}

}  // namespace
}  // namespace diabolo::missing_test
