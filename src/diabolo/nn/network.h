// Networks: what encoders and decoders are. One takes a batch to features.
#pragma once

#include <diabolo/nn/component.h>
#include <diabolo/nn/scope.h>

namespace diabolo {

/// What a network reads. Either may be empty.
struct Features {
  // NOLINTNEXTLINE: numbers alone are features
  Features(Var numbers_in, Var ones_in = {}) : numbers(numbers_in), ones(ones_in) {}
  Var numbers;  // [B, F]
  Var ones;     // [B, G], zeros and ones alone: products with them are sums of rows
};

class Network {
 public:
  virtual ~Network() = default;
  /// [B, in] -> [B, H].
  virtual Var features(const Scope& scope, const Features& x) const = 0;
};

/// mlp.
ComponentTable<Network> networks();

}  // namespace diabolo
