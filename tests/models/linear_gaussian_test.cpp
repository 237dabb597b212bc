// Where log p(x) is known exactly: a linear decoder and normal noise,
//   x = b + W z + s e,   z ~ N(0, I):   p(x) = N(b, W W^T + s^2 I).
// With orthogonal columns of W the posterior is a diagonal normal, so the bound can be tight.
#include <gtest/gtest.h>
#include <models/tiny_model.h>

#include <cmath>

namespace diabolo::linear_gaussian_test {
namespace {

using testing::TinyModel;
using testing::Values;

constexpr std::int64_t B = 3, D = 4, Z = 2;
constexpr double kScale = 0.7;
// [D, Z] with orthogonal columns; [D].
constexpr double kW[D][Z] = {{1.0, 0.5}, {-0.5, 1.0}, {0.8, 0.6}, {0.3, -1.6}};
constexpr double kBias[D] = {0.2, -0.1, 0.4, 0.0};
const Values kX = {0.3, -1.0, 0.5, 0.1, 2.0, 0.4, -0.7, 1.1, -1.2, 0.9, 0.0, -0.3};  // [B, D]
const Values kKeys = {11, 22, 33};

double squared_column(int z) {
  double sum = 0;
  for (const auto& row : kW) sum += row[z] * row[z];
  return sum;
}

// log N(x; b, W W^T + s^2 I) by a dense Cholesky factor.
double exact_log_px(const double* x) {
  double a[D][D], r[D], log_px = 0;
  for (int i = 0; i < D; ++i)
    for (int j = 0; j < D; ++j) {
      a[i][j] = i == j ? kScale * kScale : 0;
      for (int z = 0; z < Z; ++z) a[i][j] += kW[i][z] * kW[j][z];
    }
  for (int i = 0; i < D; ++i) {
    for (int j = 0; j <= i; ++j) {
      for (int k = 0; k < j; ++k) a[i][j] -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(a[i][i]) : a[i][j] / a[j][j];
    }
    r[i] = x[i] - kBias[i];
    for (int k = 0; k < i; ++k) r[i] -= a[i][k] * r[k];
    r[i] /= a[i][i];
    log_px -= 0.5 * r[i] * r[i] + std::log(a[i][i]) + 0.5 * std::log(2 * M_PI);
  }
  return log_px;
}

class LinearGaussian {
 public:
  explicit LinearGaussian(std::int64_t draws) : m_(composition(), {}, B, D, DType::f64, draws) {
    Values w, bias(std::begin(kBias), std::end(kBias)), unit(Z * Z);
    for (int z = 0; z < Z; ++z) {
      unit[static_cast<std::size_t>(z * Z + z)] = 1;
      for (int d = 0; d < D; ++d) w.push_back(kW[d][z]);
    }
    flat_ = Values(static_cast<std::size_t>(m_.parameters.size()));
    m_.set(flat_, "decoder.0.weight", unit);
    m_.set(flat_, "likelihood.mean.weight", w);  // [Z, D]
    m_.set(flat_, "likelihood.mean.bias", bias);
    Values unit_d(D * D);
    for (int d = 0; d < D; ++d) unit_d[static_cast<std::size_t>(d * D + d)] = 1;
    m_.set(flat_, "encoder.0.weight", unit_d);
  }

  // q(z|x) = p(z|x) = N(V W^T (x - b) / s^2, V),  V = 1 / (1 + |W_z|^2 / s^2).
  // `widen` nats of log_std more, and the mean moved by `shift`, make it inexact.
  void use_exact_posterior(double widen = 0, double shift = 0) {
    Values weight(D * Z), bias(Z), log_std(Z);
    for (std::size_t z = 0; z < Z; ++z) {
      const double v = 1 / (1 + squared_column(static_cast<int>(z)) / (kScale * kScale));
      log_std[z] = 0.5 * std::log(v) + widen;
      bias[z] = shift;
      for (std::size_t d = 0; d < D; ++d) {
        weight[d * Z + z] = v * kW[d][z] / (kScale * kScale);
        bias[z] -= weight[d * Z + z] * kBias[d];
      }
    }
    use_posterior(weight, bias, log_std);
  }
  void use_random_posterior(std::uint64_t seed) {
    RandomStream random({.seed = seed});
    Values weight(D * Z), bias(Z), log_std(Z);
    for (double& x : weight) x = 0.5 * random.normal();
    for (double& x : bias) x = 0.5 * random.normal();
    for (double& x : log_std) x = -0.5 + 0.5 * random.normal();
    use_posterior(weight, bias, log_std);
  }

  // log_px, log_w: [K, B];  kl: [B].
  struct Result {
    Values log_px, log_w, kl;
  };
  Result run() {
    const Terms& t = m_.terms;
    auto got = testing::evaluate(
        m_.graph, std::vector{t.log_px, t.log_px + t.log_pz - t.log_qz, t.kl},
        {{"x", kX}, {"keys", kKeys}, {"warmup", {1}}, {"parameters", flat_}}, {}, {.seed = 5});
    return {std::move(got[0]), std::move(got[1]), std::move(got[2])};
  }

 private:
  static Composition composition() {
    Composition c;
    c.latent = Z;
    c.encoder.settings = {{"hidden", std::to_string(D)}, {"activation", "identity"}};
    c.decoder.settings = {{"hidden", std::to_string(Z)}, {"activation", "identity"}};
    c.likelihood = {"normal", {{"scale", kScale}}};
    return c;
  }
  void use_posterior(const Values& weight, const Values& bias, const Values& log_std) {
    m_.set(flat_, "posterior.mean.weight", weight);
    m_.set(flat_, "posterior.mean.bias", bias);
    m_.set(flat_, "posterior.log_std.bias", log_std);
  }

  TinyModel m_;
  Values flat_;
};

struct Estimate {
  double mean = 0, error = 0;
};

// Mean and its standard error of column b of [K, B].
Estimate estimate(const Values& x, std::size_t b) {
  Estimate e;
  double squares = 0;
  const double n = static_cast<double>(x.size() / B);
  for (std::size_t i = b; i < x.size(); i += B) e.mean += x[i] / n;
  for (std::size_t i = b; i < x.size(); i += B) squares += (x[i] - e.mean) * (x[i] - e.mean);
  e.error = std::sqrt(squares / (n - 1) / n);
  return e;
}

// Mean over groups of `group` draws of log mean exp of the weights.
Estimate importance_bound(const Values& log_w, std::size_t b, std::size_t group) {
  Values bounds(log_w.size() / group);
  for (std::size_t g = 0; g + group <= log_w.size() / B; g += group) {
    double sum = 0;
    for (std::size_t k = 0; k < group; ++k) sum += std::exp(log_w[(g + k) * B + b]);
    bounds[g / group * B + b] = std::log(sum / static_cast<double>(group));
  }
  return estimate(bounds, b);
}

TEST(linear_gaussian, bound_is_exact_at_the_exact_posterior) {
  LinearGaussian model(64);
  model.use_exact_posterior();
  const auto got = model.run();
  // Every single weight is p(x), not only their mean.
  for (std::size_t i = 0; i < got.log_w.size(); ++i)
    EXPECT_NEAR(got.log_w[i], exact_log_px(&kX[i % B * D]), 1e-12);
}

TEST(linear_gaussian, elbo_with_closed_form_kl_meets_log_px_at_the_exact_posterior) {
  LinearGaussian model(20000);
  model.use_exact_posterior();
  const auto got = model.run();
  for (std::size_t b = 0; b < B; ++b) {
    const Estimate log_px = estimate(got.log_px, b);
    EXPECT_NEAR(log_px.mean - got.kl[b], exact_log_px(&kX[b * D]), 4 * log_px.error);
    EXPECT_LT(log_px.error, 0.02);
  }
}

TEST(linear_gaussian, elbo_never_exceeds_log_px) {
  LinearGaussian model(4000);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    model.use_random_posterior(seed);
    const auto got = model.run();
    for (std::size_t b = 0; b < B; ++b) {
      const Estimate log_px = estimate(got.log_px, b), log_w = estimate(got.log_w, b);
      EXPECT_LT(log_px.mean - got.kl[b], exact_log_px(&kX[b * D]) + 4 * log_px.error);
      // The closed form of the KL and its estimate are of the same bound.
      EXPECT_NEAR(log_px.mean - got.kl[b], log_w.mean, 4 * (log_px.error + log_w.error));
    }
  }
}

TEST(linear_gaussian, importance_weighted_bound_grows_with_samples_towards_log_px) {
  LinearGaussian model(8192);
  model.use_exact_posterior(0.5, 0.3);
  const auto got = model.run();
  for (std::size_t b = 0; b < B; ++b) {
    const double exact = exact_log_px(&kX[b * D]);
    double before = -INFINITY;
    for (const std::size_t group : {1, 4, 16, 64, 256}) {
      const Estimate bound = importance_bound(got.log_w, b, group);
      EXPECT_GT(bound.mean, before) << group;
      EXPECT_LT(bound.mean, exact + 4 * bound.error) << group;
      before = bound.mean;
    }
    EXPECT_GT(exact - importance_bound(got.log_w, b, 1).mean, 0.2) << "a posterior worth improving";
    EXPECT_NEAR(importance_bound(got.log_w, b, 8192 / 4).mean, exact, 0.03);
  }
}

}  // namespace
}  // namespace diabolo::linear_gaussian_test
