// What training minimises, made of per-row terms in nats, summed over dimensions.
#pragma once

#include <diabolo/nn/component.h>
#include <diabolo/nn/scope.h>

namespace diabolo {

/// The terms of a batch, for K draws of the code (the axis K is absent for one draw).
struct Terms {
  Var log_px;  // log p(x|z), [K, B], higher is better; on the data's own scale
  Var log_pz;  // log p(z), [K, B]; empty without a posterior density
  Var log_qz;  // log q(z|x), [K, B]; empty likewise
  Var kl;      // KL(q || p), [B], closed form, or log q(z|x) - log p(z) of the draw; empty likewise
  Var kl_units;  // the closed form per latent dimension, [B, Z]; empty if there is none
  Var mean;      // the code, [B, Z]
  Var columns;   // log p(x_d|z) of each dimension, [K, B, D]; 0 where it is missing
};

/// What an objective makes of them.
struct Loss {
  Var rows;    // [B], minimised
  Var weight;  // of the KL term in force, a scalar
};

/// A new value for a state array.
struct StateUpdate {
  Var state;
  Var value;
};

class Objective {
 public:
  virtual ~Objective() = default;
  /// `warmup` is a scalar that rises from 0 to 1 over the first epochs.
  virtual Loss loss(const Scope& scope, const Terms& terms, Var warmup) const = 0;
  /// After an accepted step: new state, from the mean KL of the whole batch (a scalar).
  virtual std::vector<StateUpdate> update(const Scope&, Var /*mean_kl*/) const { return {}; }
  /// The KL that weights must keep to be called best; infinite if there is no such limit.
  virtual double kl_limit() const;
  /// Codes drawn for each row.
  virtual std::int64_t draws() const { return 1; }
  /// False if the objective uses neither prior nor KL.
  virtual bool needs_density() const { return true; }
};

/// elbo, constrained, iwae, reconstruction.
ComponentTable<Objective> objectives();

}  // namespace diabolo
