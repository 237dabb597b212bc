// A variational autoencoder, composed:
//   x -> encoder -> q(z|x) -> z -> decoder -> p(x|z),  with p(z) and an objective.
// It builds graphs; numbers live elsewhere (model_data.h).
#pragma once

#include <diabolo/models/objective.h>
#include <diabolo/models/transform.h>
#include <diabolo/nn/network.h>
#include <diabolo/prob/likelihood.h>
#include <diabolo/prob/posterior.h>
#include <diabolo/prob/prior.h>

namespace diabolo {

/// Everything that a composition may be made of. A program may add its own entries to the tables.
struct Components {
  ComponentTable<Network> networks = diabolo::networks();
  ComponentTable<Posterior> posteriors = diabolo::posteriors();
  ComponentTable<Prior> priors = diabolo::priors();
  ComponentTable<Likelihood> likelihoods = diabolo::likelihoods();
  ComponentTable<Objective> objectives = diabolo::objectives();
};

/// A composition by names and settings: what a model file says.
struct Composition {
  std::int64_t latent = 2;
  ComponentChoice encoder{"mlp", {}};
  ComponentChoice posterior{"gaussian", {}};
  ComponentChoice prior{"standard", {}};
  ComponentChoice decoder{"mlp", {}};
  ComponentChoice likelihood{"normal", {}};
  ComponentChoice objective{"elbo", {}};

  friend bool operator==(const Composition&, const Composition&) = default;
};

/// With every setting filled in and checked.
Composition complete(const Composition& composition, const Components& components);

class Vae {
 public:
  Vae(const Composition& composition, const Components& components, std::int64_t dimensions,
      const Transform& transform);

  /// The terms of a batch x [B, D] in network units, for `draws` codes a row.
  Terms terms(const Scope& scope, Var x, std::int64_t draws) const;
  /// The mean code of network inputs [B, D]: [B, Z].
  Var encode(const Scope& scope, Var x) const;
  /// One draw of the posterior a row: [B, Z].
  Var encode_draw(const Scope& scope, Var x) const;
  /// The mean of p(x|z), in network units: [B, Z] -> [B, D].
  Var decode(const Scope& scope, Var z) const;
  /// One draw of p(x|z) a row, in network units.
  Var decode_draw(const Scope& scope, Var z) const;
  /// Codes from the prior: [B, Z].
  Var sample_prior(const Scope& scope, std::int64_t rows) const;

  Loss loss(const Scope& scope, const Terms& terms, Var warmup) const;
  std::vector<StateUpdate> update(const Scope& scope, Var mean_kl) const;

  /// True if there is a bound: the posterior and the objective have a density.
  bool has_bound() const;
  std::int64_t latent() const { return latent_; }
  std::int64_t dimensions() const { return dimensions_; }
  const Objective& objective() const { return *objective_; }
  const Likelihood& likelihood() const { return *likelihood_; }
  const Prior& prior() const { return *prior_; }

 private:
  std::unique_ptr<PosteriorBatch> posterior(const Scope& scope, Var x) const;
  std::unique_ptr<LikelihoodBatch> likelihood(const Scope& scope, Var z) const;

  std::int64_t latent_, dimensions_;
  double log_jacobian_;
  std::unique_ptr<Network> encoder_, decoder_;
  std::unique_ptr<Posterior> posterior_;
  std::unique_ptr<Prior> prior_;
  std::unique_ptr<Likelihood> likelihood_;
  std::unique_ptr<Objective> objective_;
};

}  // namespace diabolo
