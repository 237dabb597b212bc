#include <diabolo/models/objective.h>

#include <cmath>
#include <limits>

namespace diabolo {
namespace {

// -log p(x|z) + beta KL: the negative bound at beta = 1 (Kingma & Welling, 2014), beta-VAE
// otherwise (Higgins et al., 2017).
class Elbo final : public Objective {
 public:
  explicit Elbo(double beta) : beta_(beta) {}
  Loss loss(const Scope&, const Terms& terms, Var warmup) const override {
    const Var weight = warmup * beta_;
    return {weight * terms.kl - terms.log_px, weight};
  }

 private:
  double beta_;
};

// The best reconstruction subject to KL <= limit, by a multiplier lambda >= 0:
//   -log p(x|z) + lambda (KL - limit)
// lambda follows the moving average of the constraint in log space, so it stays positive and a
// slack limit drives it to zero. The gradient passes through the current batch's KL only, and the
// constant lambda * limit is left out. (Rezende & Viola, 2018, GECO, constrain the reconstruction
// instead.)
class Constrained final : public Objective {
 public:
  explicit Constrained(double limit) : limit_(limit) {}

  // The multiplier is its own schedule: a warm-up would let it wind up meanwhile.
  Loss loss(const Scope& scope, const Terms& terms, Var) const override {
    const Var weight = exp(log_multiplier(scope));
    return {weight * terms.kl - terms.log_px, weight};
  }

  std::vector<StateUpdate> update(const Scope& scope, Var mean_kl) const override {
    const Var average = scope.state("kl_average", {}, {.kind = Init::constant, .value = limit_});
    const Var log_lambda = log_multiplier(scope);
    const Var now = average + (1 - kMemory) * (mean_kl - average);
    const Var excess = clamp((now - limit_) / limit_, -1, 1);
    return {{average, now}, {log_lambda, clamp(log_lambda + kRate * excess, kLowest, kHighest)}};
  }

  double kl_limit() const override { return limit_; }

 private:
  // Fast against training, slow against the noise of a batch's KL.
  static constexpr double kMemory = 0.95, kRate = 0.01;
  static constexpr double kLowest = -23, kHighest = 10;  // lambda from 1e-10 to 2e4

  static Var log_multiplier(const Scope& scope) {
    return scope.state("log_multiplier", {}, {.kind = Init::constant, .value = 0});
  }

  double limit_;
};

// The importance-weighted bound with K draws: -log (1/K) sum_k w_k, w = p(x, z) / q(z|x) (Burda,
// Grosse & Salakhutdinov, 2016); with missing values of the observed ones (Mattei & Frellsen, 2019,
// MIWAE). One draw is the bound of elbo, its KL estimated from the draw. While the KL warms up it
// has a part of its weight in w too.
class Iwae final : public Objective {
 public:
  explicit Iwae(std::int64_t draws) : draws_(draws) {}
  Loss loss(const Scope&, const Terms& terms, Var warmup) const override {
    const Var log_w = terms.log_px + warmup * (terms.log_pz - terms.log_qz);  // [K, B]
    if (log_w.shape().rank() == 1) return {-log_w, warmup};
    return {std::log(static_cast<double>(log_w.shape()[0])) - logsumexp(log_w, 0), warmup};
  }
  std::int64_t draws() const override { return draws_; }

 private:
  std::int64_t draws_;
};

// -log p(x|z) alone: the autoencoder.
class Reconstruction final : public Objective {
 public:
  Loss loss(const Scope& scope, const Terms& terms, Var) const override {
    return {-terms.log_px, constant(scope.graph(), 0)};
  }
  bool needs_density() const override { return false; }
};

}  // namespace

double Objective::kl_limit() const { return std::numeric_limits<double>::infinity(); }

ComponentTable<Objective> objectives() {
  return {
      "objective",
      {{"elbo",
        "evidence lower bound, its KL weighted by beta (Kingma & Welling, 2014; Higgins et al., "
        "2017)",
        {{.name = "beta", .help = "weight of the KL term", .fallback = 1.0, .low = 0, .high = 1e6}},
        [](const Settings& s) { return std::make_unique<Elbo>(number(s, "beta")); }},
       {"constrained",
        "the best reconstruction with KL <= limit, by a multiplier (after Rezende & Viola, 2018)",
        {{.name = "limit", .help = "nats", .fallback = 10.0, .low = 1e-3, .high = 1e6}},
        [](const Settings& s) { return std::make_unique<Constrained>(number(s, "limit")); }},
       {"iwae",
        "importance-weighted bound (Burda et al., 2016); MIWAE where values are missing",
        {{.name = "draws", .help = "codes a row", .fallback = 20.0, .low = 1, .high = 1000}},
        [](const Settings& s) {
          return std::make_unique<Iwae>(static_cast<std::int64_t>(number(s, "draws")));
        }},
       {"reconstruction", "log p(x|z) alone", {}, [](const Settings&) {
          return std::make_unique<Reconstruction>();
        }}}};
}

}  // namespace diabolo
