// A variational autoencoder, composed:
//   x -> encoder -> q(z|x) -> z -> decoder -> p(x|z),  with p(z) and an objective.
// It builds graphs; numbers live elsewhere (model_data.h).
#pragma once

#include <diabolo/models/objective.h>
#include <diabolo/models/transform.h>
#include <diabolo/nn/network.h>
#include <diabolo/prob/columns.h>
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
  /// Of a table: likelihoods column by column, instead of one for all.
  std::vector<ColumnGroup> columns = {};
  bool missing = false;  ///< rows may have missing values (NaN), and the encoder sees which
  bool partial = false;  ///< there is a second encoder, for rows of which any part is known

  friend bool operator==(const Composition&, const Composition&) = default;
};

/// With every setting filled in and checked.
Composition complete(const Composition& composition, const Components& components);

/// Which encoder: the one trained along with the decoder, or the one trained after it for rows of
/// which any part is known.
enum class EncoderChoice { main, partial };

/// What the names of the second encoder's parameters begin with; what follows is the first one's.
inline constexpr std::string_view kPartialPrefix = "partial.";

class Vae {
 public:
  /// `prior_fitted`: of a prior that is fitted after training, whether it has been; until then the
  /// standard normal stands in for it.
  Vae(const Composition& composition, const Components& components, std::int64_t dimensions,
      const Transform& transform, bool prior_fitted = true);

  // x is a batch [B, D] in network units. Where a value is NaN it is missing, if the composition
  // says that there may be such: the encoder sees that, and it adds nothing to the likelihood.

  /// The terms of a batch for `draws` codes a row. Cells where `shown` [B, D] is 0 are taken as
  /// missing (empty: all are shown).
  Terms terms(const Scope& scope, Var x, std::int64_t draws,
              EncoderChoice encoder = EncoderChoice::main, Var shown = {}) const;
  /// The mean code: [B, Z].
  Var encode(const Scope& scope, Var x, EncoderChoice encoder = EncoderChoice::main) const;
  /// One draw of the posterior a row: [B, Z].
  Var encode_draw(const Scope& scope, Var x, EncoderChoice encoder = EncoderChoice::main) const;
  /// The mean of p(x|z), in network units (of categories: the probabilities of all levels):
  /// [B, Z] -> [B, D], or [B, features].
  Var decode(const Scope& scope, Var z) const;
  /// One draw of p(x|z) a row, in network units: [B, D].
  Var decode_draw(const Scope& scope, Var z) const;
  /// What codes drawn by the partial encoder say of rows with missing values. The weights of the
  /// draws, w = p(observed x, z) / q(z | observed x), come in units of their largest.
  struct Completion {
    Var z;      // the codes, [K, B, Z]
    Var log_w;  // [K, B]
    Var top;    // the largest log_w, [B]
    Var mean;   // sum of the weights / e^top times what decode gives, [B, features]
  };
  Completion complete(const Scope& scope, Var x, std::int64_t draws) const;
  /// What trains the partial encoder: minus the bound of the observed cells, [B], when each cell is
  /// hidden with a probability that is drawn for each row, uniform in 0..1.
  Var masked_loss(const Scope& scope, Var x) const;
  /// Codes from the prior: [B, Z].
  Var sample_prior(const Scope& scope, std::int64_t rows) const;

  Loss loss(const Scope& scope, const Terms& terms, Var warmup) const;
  std::vector<StateUpdate> update(const Scope& scope, Var mean_kl) const;

  /// True if there is a bound: the posterior and the objective have a density.
  bool has_bound() const;
  /// What Terms::columns lack to add up to log_px, for a row; the transform says it for each
  /// column.
  double log_jacobian() const { return log_jacobian_; }
  bool has_missing() const { return missing_; }
  bool has_partial() const { return partial_; }
  std::int64_t latent() const { return latent_; }
  std::int64_t dimensions() const { return dimensions_; }
  const Objective& objective() const { return *objective_; }
  const Likelihood& likelihood() const { return *likelihood_; }
  const Prior& prior() const { return *prior_; }

 private:
  struct Seen {
    Var values;    // [B, D], of missing ones the likelihood's `absent`
    Var observed;  // [B, D], 0 and 1; empty if nothing can be missing
  };
  Seen look(Var x, Var shown) const;
  std::unique_ptr<PosteriorBatch> posterior(const Scope& scope, const Seen& seen,
                                            EncoderChoice encoder) const;
  std::unique_ptr<LikelihoodBatch> likelihood(const Scope& scope, Var z) const;
  Var log_px_columns(const LikelihoodBatch& p, const Seen& seen, std::int64_t draws) const;
  Var log_px(Var columns) const;

  std::int64_t latent_, dimensions_;
  double log_jacobian_ = 0;              // of a row
  std::vector<double> column_jacobian_;  // of each column, if values may be missing
  std::vector<double> absent_;
  bool missing_, partial_;
  std::unique_ptr<Network> encoder_, decoder_;
  std::unique_ptr<Posterior> posterior_;
  std::unique_ptr<Prior> prior_;
  std::unique_ptr<Likelihood> likelihood_;
  std::unique_ptr<Objective> objective_;
};

}  // namespace diabolo
