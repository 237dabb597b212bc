// Networks: what encoders and decoders are. One takes a batch to features.
#pragma once

#include <diabolo/nn/component.h>
#include <diabolo/nn/scope.h>

namespace diabolo {

class Network {
 public:
  virtual ~Network() = default;
  /// [B, in] -> [B, H].
  virtual Var features(const Scope& scope, Var x) const = 0;
};

/// mlp.
ComponentTable<Network> networks();

}  // namespace diabolo
