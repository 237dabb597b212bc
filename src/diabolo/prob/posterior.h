// Approximate posteriors q(z|x), built from the encoder's features.
//
// A Posterior is stateless; `build` gives the distribution for a batch, as Vars of one graph.
#pragma once

#include <diabolo/nn/component.h>
#include <diabolo/nn/scope.h>

#include <memory>

namespace diabolo {

/// q(z|x) for the rows of a batch.
class PosteriorBatch {
 public:
  virtual ~PosteriorBatch() = default;
  /// Its mean: the code of a row.  [B, Z]
  virtual Var mean() const = 0;
  /// `draws` reparametrised samples, [B, Z] for one draw and [K, B, Z] for more. Noise comes from
  /// the scope.
  virtual Var rsample(const Scope& scope, std::int64_t draws) const = 0;
  /// log q(z|x), summed over latent dimensions: [B, Z] -> [B], [K, B, Z] -> [K, B]. Empty if q has
  /// no density.
  virtual Var log_prob(Var z) const = 0;
  /// For closed forms: true, and mean() and log_std() describe q, if q is a diagonal normal.
  virtual bool is_normal() const { return false; }
  virtual Var log_std() const { return {}; }
};

class Posterior {
 public:
  virtual ~Posterior() = default;
  virtual std::unique_ptr<PosteriorBatch> build(const Scope& scope, Var features,
                                                std::int64_t latent) const = 0;
  /// False if q is a point: such a model has neither KL nor bound.
  virtual bool has_density() const { return true; }
};

/// gaussian, deterministic.
ComponentTable<Posterior> posteriors();

}  // namespace diabolo
