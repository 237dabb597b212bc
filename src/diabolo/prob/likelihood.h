// Likelihoods p(x|z), built from the decoder's features. All are given and asked in the network's
// scale: arrays by models/transform.h, which pays the Jacobian back, columns of tables as cells
// (data/schema.h).
#pragma once

#include <diabolo/nn/component.h>
#include <diabolo/nn/network.h>

#include <memory>
#include <string_view>
#include <vector>

namespace diabolo {

/// p(x|z) for the rows of a batch, or for K draws of it (then K * B rows).
class LikelihoodBatch {
 public:
  virtual ~LikelihoodBatch() = default;
  /// log p(x|z) per dimension, [..., B, D], for x of a shape that broadcasts against `view`: how
  /// the parameters [R, D] are to be seen, [B, D] or [K, B, D].
  virtual Var log_prob(Var x, const Shape& view) const = 0;
  /// Mean of p(x|z), of what Likelihood::features gives.  [R, D], or [R, G] probabilities
  virtual Var mean() const = 0;
  /// One draw a row; noise comes from the scope.  [R, D]
  virtual Var sample(const Scope& scope) const = 0;
};

class Likelihood {
 public:
  virtual ~Likelihood() = default;
  virtual std::unique_ptr<LikelihoodBatch> build(const Scope& scope, Var features,
                                                 std::int64_t dimensions) const = 0;
  /// What an encoder sees of values x [B, D].
  virtual Features features(Var x) const { return x; }
  /// The value that stands for a missing one, such that features() has only zeros.
  virtual double absent() const { return 0; }
  /// The range that data must lie in: low, high (infinite if any number will do).
  virtual std::pair<double, double> range() const { return any_number(); }
  static std::pair<double, double> any_number();
  /// A learned parameter, [D] or [1], that is held within bounds.
  struct Bounded {
    std::string_view name;
    double low, high;
  };
  virtual std::vector<Bounded> bounded() const { return {}; }
  /// A parameter's numbers of one column: of a matrix [H, D] all H of them.
  struct ColumnStart {
    std::string_view name;
    double value;
  };
  /// How to say, whatever the code, that a column had this one `value` in all `rows`: what training
  /// would end with, so that it can begin there. What is not named begins as ever.
  virtual std::vector<ColumnStart> start_of_constant([[maybe_unused]] double value,
                                                     [[maybe_unused]] std::int64_t rows) const {
    return {};
  }
  /// True if log_prob is a log mass (of a 0/1 value); false for a density.
  virtual bool is_mass() const { return false; }
};

/// bernoulli, normal, student, categorical, bins.
ComponentTable<Likelihood> likelihoods();

}  // namespace diabolo
