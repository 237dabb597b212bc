#include <diabolo/base/index.h>
#include <diabolo/prob/mixture.h>
#include <diabolo/prob/normal.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

constexpr std::int64_t kMostNumbers = 1 << 17;  // of all covariances

class MixturePrior final : public Prior {
 public:
  explicit MixturePrior(const Settings& settings)
      : components_(static_cast<std::int64_t>(number(settings, "components"))) {}

  Var log_prob(const Scope& scope, Var z) const override {
    scope.state("fitted", {});  // 1 once it is (models/model_data.cpp)
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
           const std::function<bool()>& should_stop, ThreadPool& pool,
           const SetState& set) const override {
    const std::int64_t Z = latent, C = components(Z);
    const Mixture m = choose_mixture(codes, latent, C, seed, should_stop, &pool);
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

ComponentInfo<Prior> mixture_prior() {
  return {"mixture",
          "normals with full covariances, fitted to the codes after training",
          {{.name = "components",
            .help = "number of normals, at most: held-out codes say how many",
            .fallback = 20.0,
            .low = 1,
            .high = 1000}},
          [](const Settings& settings) { return std::make_unique<MixturePrior>(settings); }};
}

}  // namespace diabolo
