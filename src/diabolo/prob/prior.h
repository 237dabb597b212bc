// Priors p(z). A prior gives a log density and samples; a closed form of the KL is optional, and
// without one the KL is estimated from the same sample as the bound: log q(z|x) - log p(z).
#pragma once

#include <diabolo/base/parallel.h>
#include <diabolo/nn/component.h>
#include <diabolo/nn/scope.h>
#include <diabolo/prob/posterior.h>

#include <span>

namespace diabolo {

class Prior {
 public:
  virtual ~Prior() = default;
  /// log p(z), summed over latent dimensions: [B, Z] -> [B], [K, B, Z] -> [K, B].
  virtual Var log_prob(const Scope& scope, Var z) const = 0;
  /// `rows` samples, [B, Z]; noise comes from the scope.
  virtual Var sample(const Scope& scope, std::int64_t rows, std::int64_t latent) const = 0;
  /// KL(q || p) per latent dimension, [B, Z], if there is a closed form; else empty.
  virtual Var kl(const Scope&, const PosteriorBatch&) const { return {}; }

  /// True if the prior is fitted to the codes after training instead of being trained along. Until
  /// then the standard normal stands in for it. It has a scalar state "fitted", set to 1 by fit.
  virtual bool is_fitted() const { return false; }
  /// Fits it to codes [N, Z] by `seed`: writes its state arrays through `set(name, values)`, named
  /// as in Scope::state. Called only if is_fitted().
  /// Once `should_stop` says so, what is found so far must do.
  using SetState = std::function<void(const std::string& name, std::span<const double> values)>;
  virtual void fit(std::span<const float> codes, std::int64_t latent, std::uint64_t seed,
                   const std::function<bool()>& should_stop, ThreadPool& pool,
                   const SetState& set) const;
};

/// standard, mixture.
ComponentTable<Prior> priors();

}  // namespace diabolo
