// What building code needs at hand: the graph, the parameters, the state, the noise, and a name.
// A component builds its part of the graph in a scope; child scopes add to the names.
#pragma once

#include <diabolo/nn/parameters.h>
#include <diabolo/ops/functions.h>

#include <string>

namespace diabolo {

/// Row keys u64 [B] and the stream that noise is drawn from. Empty keys: the graph has no noise.
struct NoiseSource {
  Var keys;
  Stream stream = Stream::train;
};

class Scope {
 public:
  Scope(Graph& graph, Parameters& parameters, Parameters& state, NoiseSource noise = {})
      : graph_(&graph), parameters_(&parameters), state_(&state), noise_(noise) {}

  Graph& graph() const { return *graph_; }
  Var keys() const { return noise_.keys; }
  /// The same scope with `name.` added to the names of what is declared in it.
  Scope operator/(const std::string& name) const;
  /// The same scope with noise from elsewhere.
  Scope with_noise(const NoiseSource& noise) const;

  /// A trained array, declared or found.
  Var parameter(const std::string& name, const Shape& shape, const Init& init) const;
  /// An array that is not trained: set by steps or after training.
  Var state(const std::string& name, const Shape& shape, const Init& init = {}) const;
  /// Fresh noise of shape [..., B, C]. Throws `internal` in a scope without noise.
  Var normal(const Shape& shape, const std::string& name) const;
  Var uniform(const Shape& shape, const std::string& name) const;

 private:
  std::string full(const std::string& name) const { return prefix_ + name; }

  Graph* graph_;
  Parameters* parameters_;
  Parameters* state_;
  NoiseSource noise_;
  std::string prefix_;
};

}  // namespace diabolo
