#include <diabolo/base/error.h>
#include <diabolo/base/random.h>
#include <diabolo/prob/mixture.h>
#include <diabolo/prob/normal.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace diabolo {
namespace {

constexpr std::int64_t kMostCodes = 10000;
constexpr int kMostIterations = 60;
constexpr std::int64_t kMostNumbers = 1 << 17;  // of all covariances
constexpr double kEnough = 1e-4;                // nats per code gained by an iteration

using Matrix = std::vector<double>;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// Cholesky factor in place, lower; what is not positive definite is lifted along the diagonal.
void cholesky(double* a, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) {
    double d = a[j * n + j];
    for (std::int64_t k = 0; k < j; ++k) d -= a[j * n + k] * a[j * n + k];
    const double root = std::sqrt(std::max(d, 1e-12));
    a[j * n + j] = root;
    for (std::int64_t i = j + 1; i < n; ++i) {
      double s = a[i * n + j];
      for (std::int64_t k = 0; k < j; ++k) s -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = s / root;
      a[j * n + i] = 0;
    }
  }
}

double log_determinant(const double* l, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += std::log(l[i * n + i]);
  return sum;
}

// log w_c N(z; mean_c, L_c L_c^T); `work` holds Z numbers.
double log_joint(const Mixture& m, std::int64_t c, const double* z, double* work) {
  const std::int64_t n = m.dimensions;
  const double* mean = m.mean.data() + c * n;
  const double* l = m.cholesky.data() + c * n * n;
  double square = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    double s = z[i] - mean[i];
    for (std::int64_t k = 0; k < i; ++k) s -= l[i * n + k] * work[k];
    work[i] = s / l[i * n + i];
    square += work[i] * work[i];
  }
  return m.log_weight[index(c)] - 0.5 * (square + static_cast<double>(n) * kLogTwoPi) -
         m.log_det[index(c)];
}

double log_sum_exp(std::span<double> x) {
  const double top = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double v : x) sum += std::exp(v - top);
  return top + std::log(sum);
}

// At most kMostCodes of the codes, as double.
Matrix draw_codes(std::span<const float> codes, std::int64_t z, std::uint64_t seed) {
  const std::int64_t n = static_cast<std::int64_t>(codes.size()) / z;
  std::vector<std::int64_t> order(index(n));
  std::iota(order.begin(), order.end(), 0);
  RandomStream random({.seed = seed, .stream = Stream::mixture});
  const std::int64_t kept = std::min(n, kMostCodes);
  Matrix x;
  for (std::int64_t i = 0; i < kept; ++i) {
    std::swap(order[index(i)], order[index(i) + random.below(static_cast<std::uint64_t>(n - i))]);
    for (std::int64_t d = 0; d < z; ++d)
      x.push_back(static_cast<double>(codes[index(order[index(i)] * z + d)]));
  }
  return x;
}

// k-means++: each further centre is a code drawn by its squared distance to the nearest so far.
Matrix first_centres(const Matrix& x, std::int64_t z, std::int64_t components, std::uint64_t seed) {
  const std::int64_t n = static_cast<std::int64_t>(x.size()) / z;
  RandomStream random({.seed = seed, .stream = Stream::mixture, .pass = 1});
  std::vector<double> nearest(index(n), std::numeric_limits<double>::infinity());
  Matrix centres;
  std::int64_t chosen = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(n)));
  for (std::int64_t c = 0; c < components; ++c) {
    centres.insert(centres.end(), x.begin() + chosen * z, x.begin() + (chosen + 1) * z);
    double total = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      double d2 = 0;
      for (std::int64_t d = 0; d < z; ++d) {
        const double e = x[index(i * z + d)] - centres[index(c * z + d)];
        d2 += e * e;
      }
      nearest[index(i)] = std::min(nearest[index(i)], d2);
      total += nearest[index(i)];
    }
    double target = random.uniform() * total;
    for (chosen = 0; chosen + 1 < n && target >= nearest[index(chosen)]; ++chosen)
      target -= nearest[index(chosen)];
  }
  return centres;
}

// Weights, means and covariances from responsibilities [N, C]; `floor` keeps covariances regular.
void maximize(Mixture& m, const Matrix& x, const Matrix& share, double floor) {
  const std::int64_t z = m.dimensions, n = static_cast<std::int64_t>(x.size()) / z;
  for (std::int64_t c = 0; c < m.components; ++c) {
    double* mean = m.mean.data() + c * z;
    double* cov = m.cholesky.data() + c * z * z;
    std::fill_n(mean, z, 0.0);
    std::fill_n(cov, z * z, 0.0);
    double weight = 1e-10;
    for (std::int64_t i = 0; i < n; ++i) {
      const double w = share[index(i * m.components + c)];
      weight += w;
      for (std::int64_t d = 0; d < z; ++d) mean[d] += w * x[index(i * z + d)];
    }
    for (std::int64_t d = 0; d < z; ++d) mean[d] /= weight;
    std::vector<double> e(index(z));
    for (std::int64_t i = 0; i < n; ++i) {
      const double w = share[index(i * m.components + c)] / weight;
      if (w < 1e-12) continue;
      for (std::int64_t d = 0; d < z; ++d) e[index(d)] = x[index(i * z + d)] - mean[d];
      for (std::int64_t a = 0; a < z; ++a)
        for (std::int64_t b = 0; b <= a; ++b) cov[a * z + b] += w * e[index(a)] * e[index(b)];
    }
    for (std::int64_t d = 0; d < z; ++d) cov[d * z + d] += floor;
    cholesky(cov, z);
    m.log_det[index(c)] = log_determinant(cov, z);
    m.log_weight[index(c)] = std::log(weight / static_cast<double>(n));
  }
}

class MixturePrior final : public Prior {
 public:
  explicit MixturePrior(const Settings& settings)
      : components_(static_cast<std::int64_t>(number(settings, "components"))) {}

  // Until it is fitted, the standard normal.
  Var log_prob(const Scope& scope, Var z) const override {
    const Var fitted = scope.state("fitted", {});
    return select(fitted, mixture_log_prob(scope, z),
                  sum(-0.5 * square(z) - 0.5 * kLogTwoPi, {-1}));
  }

  Var mixture_log_prob(const Scope& scope, Var z) const {
    const std::int64_t Z = z.shape()[-1], C = components(Z), R = z.shape().size() / Z;
    const Var whiten = scope.state("whiten", {Z, C * Z});              // columns of L_c^-T
    const Var shift = scope.state("shift", {C * Z});                   // -L_c^-1 mean_c
    const Var white = matmul(reshape(z, {R, Z}), whiten) + shift;      // [R, C Z]
    const Var squares = sum(square(reshape(white, {R, C, Z})), {-1});  // [R, C]
    const Var log_prob = logsumexp(scope.state("log_peak", {C}) - 0.5 * squares, -1);  // [R]
    return z.shape().rank() == 3 ? reshape(log_prob, {z.shape()[0], z.shape()[1]}) : log_prob;
  }

  // The component by the Gumbel-max trick, then mean + L noise.
  Var sample(const Scope& scope, std::int64_t rows, std::int64_t latent) const override {
    const std::int64_t Z = latent, C = components(Z);
    const Var gumbel = -log(-log(scope.uniform({rows, C}, "component")));   // [B, C]
    const Var chosen = argmin(-(gumbel + scope.state("log_weight", {C})));  // [B]
    const Var noise = reshape(scope.normal({rows, Z}, "noise"), {rows, 1, Z});
    const Var root = gather(scope.state("cholesky", {C, Z * Z}), chosen);  // [B, Z Z]
    const Var spread = sum(reshape(root, {rows, Z, Z}) * noise, {-1});     // [B, Z]
    return gather(scope.state("mean", {C, Z}), chosen) + spread;
  }

  bool is_fitted() const override { return true; }

  void fit(std::span<const float> codes, std::int64_t latent, std::uint64_t seed,
           const std::function<bool()>& should_stop, const SetState& set) const override {
    const std::int64_t Z = latent, C = components(Z);
    const Mixture m = fit_mixture(codes, latent, C, seed, should_stop);
    // Components that were not used stay, with no weight.
    std::vector<double> log_weight(index(C), -1e30), log_peak(index(C), -1e30);
    std::vector<double> mean(index(C * Z)), root(index(C * Z * Z)), whiten(index(Z * C * Z)),
        shift(index(C * Z));
    for (std::int64_t c = 0; c < m.components; ++c) {
      const double* l = m.cholesky.data() + c * Z * Z;
      log_weight[index(c)] = m.log_weight[index(c)];
      log_peak[index(c)] =
          m.log_weight[index(c)] - m.log_det[index(c)] - 0.5 * static_cast<double>(Z) * kLogTwoPi;
      for (std::int64_t i = 0; i < Z; ++i) mean[index(c * Z + i)] = m.mean[index(c * Z + i)];
      std::copy_n(l, Z * Z, root.begin() + c * Z * Z);
      // Column j of L^-1 by forward substitution.
      for (std::int64_t j = 0; j < Z; ++j) {
        std::vector<double> column(index(Z), 0.0);
        for (std::int64_t i = j; i < Z; ++i) {
          double s = i == j ? 1 : 0;
          for (std::int64_t k = j; k < i; ++k) s -= l[i * Z + k] * column[index(k)];
          column[index(i)] = s / l[i * Z + i];
          whiten[index(j * C * Z + c * Z + i)] = column[index(i)];
          shift[index(c * Z + i)] -= column[index(i)] * m.mean[index(c * Z + j)];
        }
      }
    }
    set("log_weight", log_weight);
    set("log_peak", log_peak);
    set("mean", mean);
    set("cholesky", root);
    set("whiten", whiten);
    set("shift", shift);
    set("fitted", std::vector<double>{1});
  }

 private:
  // Full covariances of many dimensions cost C Z^2 numbers and as much time a code: fewer then.
  std::int64_t components(std::int64_t latent) const {
    return std::clamp<std::int64_t>(kMostNumbers / (latent * latent), 1, components_);
  }

  std::int64_t components_;
};

}  // namespace

Mixture fit_mixture(std::span<const float> codes, std::int64_t dimensions, std::int64_t components,
                    std::uint64_t seed, const std::function<bool()>& should_stop) {
  const Matrix x = draw_codes(codes, dimensions, seed);
  const std::int64_t z = dimensions, n = static_cast<std::int64_t>(x.size()) / z;
  check(n >= 1, ErrorCode::invalid_argument, "mixture", "expected codes to fit, got none");
  Mixture m{.components = std::clamp<std::int64_t>(n / 10, 1, components),
            .dimensions = z,
            .log_weight = {},
            .mean = {},
            .cholesky = {},
            .log_det = {}};
  const std::int64_t C = m.components;
  m.log_weight.assign(index(C), -std::log(static_cast<double>(C)));
  m.mean = first_centres(x, z, C, seed);
  m.cholesky.assign(index(C * z * z), 0.0);

  // The covariances begin as the variance of the data along each axis.
  double spread = 0;
  for (std::int64_t d = 0; d < z; ++d) {
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      sum += x[index(i * z + d)];
      squares += x[index(i * z + d)] * x[index(i * z + d)];
    }
    const double nn = static_cast<double>(n);
    const double variance = std::max(squares / nn - sum / nn * (sum / nn), 1e-12);
    spread += variance / static_cast<double>(z);
    for (std::int64_t c = 0; c < C; ++c)
      m.cholesky[index((c * z + d) * z + d)] = std::sqrt(variance);
  }

  m.log_det.assign(index(C), log_determinant(m.cholesky.data(), z));

  Matrix share(index(n * C));
  std::vector<double> work(index(z));
  double before = -std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    double total = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      double* row = share.data() + i * C;
      for (std::int64_t c = 0; c < C; ++c) row[c] = log_joint(m, c, &x[index(i * z)], work.data());
      const double all = log_sum_exp({row, index(C)});
      total += all;
      for (std::int64_t c = 0; c < C; ++c) row[c] = std::exp(row[c] - all);
    }
    total /= static_cast<double>(n);
    if (total - before < kEnough) break;
    before = total;
    maximize(m, x, share, 1e-4 * spread);
    if (should_stop && should_stop()) break;
  }
  return m;
}

double log_prob(const Mixture& mixture, std::span<const double> z) {
  std::vector<double> work(z.size()), joint;
  for (std::int64_t c = 0; c < mixture.components; ++c)
    joint.push_back(log_joint(mixture, c, z.data(), work.data()));
  return log_sum_exp(joint);
}

ComponentInfo<Prior> mixture_prior() {
  return {"mixture",
          "normals with full covariances, fitted to the codes after training",
          {{.name = "components",
            .help = "number of normals",
            .fallback = 20.0,
            .low = 1,
            .high = 1000}},
          [](const Settings& settings) { return std::make_unique<MixturePrior>(settings); }};
}

}  // namespace diabolo
