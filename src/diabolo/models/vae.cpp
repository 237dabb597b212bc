#include <diabolo/models/vae.h>

namespace diabolo {

namespace {

// What a table's likelihood is called; its parts stand in Composition::columns.
constexpr const char* kColumns = "columns";

std::unique_ptr<Likelihood> make_likelihood(const Composition& c, const Components& components) {
  if (!c.columns.empty()) return columns_likelihood(c.columns, components.likelihoods);
  return components.likelihoods.make(c.likelihood);
}

}  // namespace

Composition complete(const Composition& c, const Components& components) {
  Composition full{.latent = c.latent,
                   .encoder = components.networks.complete(c.encoder),
                   .posterior = components.posteriors.complete(c.posterior),
                   .prior = components.priors.complete(c.prior),
                   .decoder = components.networks.complete(c.decoder),
                   .likelihood = {kColumns, {}},
                   .objective = components.objectives.complete(c.objective),
                   .columns = c.columns,
                   .missing = c.missing,
                   .partial = c.partial};
  if (c.columns.empty()) full.likelihood = components.likelihoods.complete(c.likelihood);
  for (ColumnGroup& group : full.columns)
    group.likelihood = components.likelihoods.complete(group.likelihood);
  return full;
}

Vae::Vae(const Composition& c, const Components& components, std::int64_t dimensions,
         const Transform& transform, bool prior_fitted)
    : latent_(c.latent),
      dimensions_(dimensions),
      absent_(c.columns.empty() ? std::vector<double>{0}
                                : absent_values(c.columns, components.likelihoods)),
      missing_(c.missing),
      partial_(c.partial),
      encoder_(components.networks.make(c.encoder)),
      decoder_(components.networks.make(c.decoder)),
      posterior_(components.posteriors.make(c.posterior)),
      prior_(components.priors.make(c.prior)),
      likelihood_(make_likelihood(c, components)),
      objective_(components.objectives.make(c.objective)) {
  if (!prior_fitted && prior_->is_fitted()) prior_ = components.priors.make({"standard", {}});
  check(latent_ >= 1 && latent_ <= 1 << 20, ErrorCode::invalid_argument, "latent",
        "expected at least one latent dimension, got {}; give --latent a whole number >= 1",
        latent_);
  check(posterior_->has_density() || !objective_->needs_density(), ErrorCode::invalid_argument,
        "model",
        "expected a posterior with a density for objective '{}', got '{}'; choose --posterior "
        "gaussian, or --objective reconstruction",
        c.objective.type, c.posterior.type);
  check(!partial_ || (missing_ && has_bound()), ErrorCode::invalid_argument, "model",
        "expected a model with a bound that takes missing values for an encoder of partial rows; "
        "leave it out");
  // A log mass needs no Jacobian: it is of the value itself. Cells of a table come with theirs.
  if (likelihood_->is_mass() || !c.columns.empty()) return;
  if (missing_)
    column_jacobian_ = transform.log_jacobians(dimensions);
  else
    log_jacobian_ = transform.log_jacobian(dimensions);
}

bool Vae::has_bound() const { return posterior_->has_density() && objective_->needs_density(); }

Vae::Seen Vae::look(Var x, Var shown) const {
  if (!missing_) return {x, {}};
  Var observed = equal(x, x);  // [B, D]
  if (shown) observed = observed * shown;
  const auto D = static_cast<std::int64_t>(absent_.size());
  const Var absent = D == 1 ? constant(x.graph(), absent_[0]) : constant(x.graph(), {D}, absent_);
  return {select(observed, x, absent), observed};
}

std::unique_ptr<PosteriorBatch> Vae::posterior(const Scope& scope, const Seen& seen,
                                               EncoderChoice encoder) const {
  Features features = likelihood_->features(seen.values);
  if (seen.observed) {
    const Var missing = 1.0 - seen.observed;  // [B, D]
    const std::vector<Var> both{features.numbers, missing};
    features.numbers = features.numbers ? concat(both, 1) : missing;
  }
  const Scope from = encoder == EncoderChoice::main ? scope : scope / "partial";
  return posterior_->build(from / "posterior", encoder_->features(from / "encoder", features),
                           latent_);
}

std::unique_ptr<LikelihoodBatch> Vae::likelihood(const Scope& scope, Var z) const {
  const Var features = decoder_->features(scope / "decoder", z);  // [R, H]
  return likelihood_->build(scope / "likelihood", features, dimensions_);
}

// log p(x_d|z), 0 where x_d is missing: [K, B, D], or [B, D] for one draw.
Var Vae::log_px_columns(const LikelihoodBatch& p, const Seen& seen, std::int64_t draws) const {
  const std::int64_t B = seen.values.shape()[0];
  Shape view{B, dimensions_};
  if (draws > 1) view = {draws, B, dimensions_};
  Var columns = p.log_prob(seen.values, view);
  if (!column_jacobian_.empty())
    columns = columns + constant(columns.graph(), {dimensions_}, column_jacobian_);
  return seen.observed ? select(seen.observed, columns, constant(columns.graph(), 0)) : columns;
}

// Their sum, on the data's own scale: [K, B], or [B] for one draw.
Var Vae::log_px(Var columns) const {
  const Var rows = sum(columns, {-1});
  return log_jacobian_ != 0 ? rows + log_jacobian_ : rows;
}

Terms Vae::terms(const Scope& scope, Var x, std::int64_t draws, EncoderChoice encoder,
                 Var shown) const {
  const std::int64_t B = x.shape()[0], K = draws;
  const Seen seen = look(x, shown);
  const auto q = posterior(scope, seen, encoder);
  const Var z = q->rsample(scope / "posterior", K);  // [K, B, Z], or [B, Z] for one draw
  const auto p = likelihood(scope, reshape(z, {K * B, latent_}));

  Terms terms;
  terms.mean = q->mean();
  terms.columns = log_px_columns(*p, seen, K);  // [K, B, D]
  terms.log_px = log_px(terms.columns);         // [K, B]
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

Var Vae::masked_loss(const Scope& scope, Var x) const {
  const std::int64_t B = x.shape()[0];
  const Var rate = scope.uniform({B, 1}, "mask_rate");
  const Var shown = less(rate, scope.uniform({B, dimensions_}, "mask"));  // [B, D]
  const Terms t = terms(scope, x, 1, EncoderChoice::partial, shown);
  return t.kl - t.log_px;
}

Vae::Completion Vae::complete(const Scope& scope, Var x, std::int64_t draws) const {
  const std::int64_t B = x.shape()[0], K = draws;
  const Seen seen = look(x, {});
  const auto q = posterior(scope, seen, EncoderChoice::partial);
  const Var z = q->rsample(scope / "posterior", K);  // [K, B, Z]
  const auto p = likelihood(scope, reshape(z, {K * B, latent_}));
  Completion c;
  c.z = reshape(z, {K, B, latent_});
  const Var log_px = this->log_px(log_px_columns(*p, seen, K));
  c.log_w = reshape(log_px + prior_->log_prob(scope / "prior", z) - q->log_prob(z), {K, B});
  const Var top = reduce_max(c.log_w, {0}, true);  // [1, B]
  const Var w = exp(c.log_w - top);                // [K, B]
  c.top = reshape(top, {B});
  const Var mean = p->mean();                                                         // [K B, F]
  c.mean = sum(reshape(mean, {K, B, mean.shape()[1]}) * reshape(w, {K, B, 1}), {0});  // [B, F]
  return c;
}

Var Vae::encode(const Scope& scope, Var x, EncoderChoice encoder) const {
  return posterior(scope, look(x, {}), encoder)->mean();
}

Var Vae::encode_draw(const Scope& scope, Var x, EncoderChoice encoder) const {
  return posterior(scope, look(x, {}), encoder)->rsample(scope / "posterior", 1);
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
