#include <diabolo/nn/dense.h>
#include <diabolo/prob/normal.h>
#include <diabolo/prob/posterior.h>

namespace diabolo {
namespace {

// The diagonal normal of Kingma & Welling (2014), arXiv:1312.6114. The log scale is bounded, so
// that neither e^log_std nor its square leaves the range of f32.
constexpr double kLowestCodeLogStd = -9, kHighestCodeLogStd = 6;

class GaussianBatch final : public PosteriorBatch {
 public:
  GaussianBatch(Var mean, Var log_std) : mean_(mean), log_std_(log_std) {}
  Var mean() const override { return mean_; }
  Var log_std() const override { return log_std_; }
  bool is_normal() const override { return true; }

  Var rsample(const Scope& scope, std::int64_t draws) const override {
    Shape shape = mean_.shape();
    if (draws > 1) shape = {draws, shape[0], shape[1]};
    return mean_ + exp(log_std_) * scope.normal(shape, "noise");  // [K, B, Z]
  }

  Var log_prob(Var z) const override { return sum(normal_log_prob(z, mean_, log_std_), {-1}); }

 private:
  Var mean_, log_std_;  // [B, Z]
};

class Gaussian final : public Posterior {
 public:
  std::unique_ptr<PosteriorBatch> build(const Scope& scope, Var features,
                                        std::int64_t latent) const override {
    const Var mean = dense(scope / "mean", features, latent);        // [B, Z]
    const Var log_std = dense(scope / "log_std", features, latent);  // [B, Z]
    return std::make_unique<GaussianBatch>(mean,
                                           clamp(log_std, kLowestCodeLogStd, kHighestCodeLogStd));
  }
};

// A point: the plain autoencoder.
class PointBatch final : public PosteriorBatch {
 public:
  explicit PointBatch(Var mean) : mean_(mean) {}
  Var mean() const override { return mean_; }
  Var rsample(const Scope&, std::int64_t draws) const override {
    if (draws == 1) return mean_;
    return broadcast_to(mean_, {draws, mean_.shape()[0], mean_.shape()[1]});  // [K, B, Z]
  }
  Var log_prob(Var) const override { return {}; }

 private:
  Var mean_;  // [B, Z]
};

class Deterministic final : public Posterior {
 public:
  std::unique_ptr<PosteriorBatch> build(const Scope& scope, Var features,
                                        std::int64_t latent) const override {
    return std::make_unique<PointBatch>(dense(scope / "mean", features, latent));
  }
  bool has_density() const override { return false; }
};

template <class T>
std::unique_ptr<Posterior> make(const Settings&) {
  return std::make_unique<T>();
}

}  // namespace

ComponentTable<Posterior> posteriors() {
  return {"posterior",
          {{"gaussian", "diagonal normal (Kingma & Welling, 2014)", {}, make<Gaussian>},
           {"deterministic", "a point: the plain autoencoder", {}, make<Deterministic>}}};
}

}  // namespace diabolo
