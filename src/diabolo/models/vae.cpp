#include <diabolo/models/vae.h>

namespace diabolo {

Composition complete(const Composition& c, const Components& components) {
  return {.latent = c.latent,
          .encoder = components.networks.complete(c.encoder),
          .posterior = components.posteriors.complete(c.posterior),
          .prior = components.priors.complete(c.prior),
          .decoder = components.networks.complete(c.decoder),
          .likelihood = components.likelihoods.complete(c.likelihood),
          .objective = components.objectives.complete(c.objective)};
}

Vae::Vae(const Composition& c, const Components& components, std::int64_t dimensions,
         const Transform& transform)
    : latent_(c.latent),
      dimensions_(dimensions),
      encoder_(components.networks.make(c.encoder)),
      decoder_(components.networks.make(c.decoder)),
      posterior_(components.posteriors.make(c.posterior)),
      prior_(components.priors.make(c.prior)),
      likelihood_(components.likelihoods.make(c.likelihood)),
      objective_(components.objectives.make(c.objective)) {
  check(latent_ >= 1 && latent_ <= 1 << 20, ErrorCode::invalid_argument, "latent",
        "expected at least one latent dimension, got {}; give --latent a whole number >= 1",
        latent_);
  check(posterior_->has_density() || !objective_->needs_density(), ErrorCode::invalid_argument,
        "model",
        "expected a posterior with a density for objective '{}', got '{}'; choose --posterior "
        "gaussian, or --objective reconstruction",
        c.objective.type, c.posterior.type);
  // A log mass needs no Jacobian: it is of the value itself.
  log_jacobian_ = likelihood_->is_mass() ? 0 : transform.log_jacobian(dimensions);
}

bool Vae::has_bound() const { return posterior_->has_density() && objective_->needs_density(); }

std::unique_ptr<PosteriorBatch> Vae::posterior(const Scope& scope, Var x) const {
  const Var features = encoder_->features(scope / "encoder", x);  // [B, H]
  return posterior_->build(scope / "posterior", features, latent_);
}

std::unique_ptr<LikelihoodBatch> Vae::likelihood(const Scope& scope, Var z) const {
  const Var features = decoder_->features(scope / "decoder", z);  // [R, H]
  return likelihood_->build(scope / "likelihood", features, dimensions_);
}

Terms Vae::terms(const Scope& scope, Var x, std::int64_t draws) const {
  const std::int64_t B = x.shape()[0], K = draws;
  const auto q = posterior(scope, x);
  const Var z = q->rsample(scope / "posterior", K);  // [K, B, Z], or [B, Z] for one draw
  const auto p = likelihood(scope, reshape(z, {K * B, latent_}));

  Shape view{B, dimensions_};
  if (K > 1) view = {K, B, dimensions_};
  Terms terms;
  terms.mean = q->mean();
  terms.log_px = sum(p->log_prob(x, view), {-1});  // [K, B]
  if (log_jacobian_ != 0) terms.log_px = terms.log_px + log_jacobian_;
  if (!has_bound()) return terms;
  terms.log_qz = q->log_prob(z);                        // [K, B]
  terms.log_pz = prior_->log_prob(scope / "prior", z);  // [K, B]
  terms.kl_units = prior_->kl(scope / "prior", *q);     // [B, Z], or empty
  if (terms.kl_units) {
    terms.kl = sum(terms.kl_units, {-1});  // [B]
  } else {
    terms.kl = terms.log_qz - terms.log_pz;
    if (K > 1) terms.kl = mean(terms.kl, {0});  // [B]
  }
  return terms;
}

Var Vae::encode(const Scope& scope, Var x) const { return posterior(scope, x)->mean(); }

Var Vae::encode_draw(const Scope& scope, Var x) const {
  return posterior(scope, x)->rsample(scope / "posterior", 1);
}

Var Vae::decode(const Scope& scope, Var z) const { return likelihood(scope, z)->mean(); }

Var Vae::decode_draw(const Scope& scope, Var z) const {
  return likelihood(scope, z)->sample(scope / "likelihood");
}

Var Vae::sample_prior(const Scope& scope, std::int64_t rows) const {
  return prior_->sample(scope / "prior", rows, latent_);
}

Loss Vae::loss(const Scope& scope, const Terms& terms, Var warmup) const {
  return objective_->loss(scope / "objective", terms, warmup);
}

std::vector<StateUpdate> Vae::update(const Scope& scope, Var mean_kl) const {
  return objective_->update(scope / "objective", mean_kl);
}

}  // namespace diabolo
