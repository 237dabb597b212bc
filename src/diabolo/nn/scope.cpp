#include <diabolo/base/error.h>
#include <diabolo/nn/scope.h>

namespace diabolo {

Scope Scope::operator/(const std::string& name) const {
  Scope child = *this;
  child.prefix_ += name + ".";
  return child;
}

Scope Scope::with_noise(const NoiseSource& noise) const {
  Scope other = *this;
  other.noise_ = noise;
  return other;
}

Var Scope::parameter(const std::string& name, const Shape& shape, const Init& init) const {
  const ParameterInfo& p = parameters_->declare(full(name), shape, init);
  return diabolo::parameter(*graph_, p.name, shape, p.offset);
}

Var Scope::state(const std::string& name, const Shape& shape, const Init& init) const {
  const ParameterInfo& p = state_->declare(full(name), shape, init);
  return diabolo::state(*graph_, p.name, shape, p.offset);
}

Var Scope::normal(const Shape& shape, const std::string& name) const {
  ensure(static_cast<bool>(noise_.keys), full(name), "a graph with row keys for its noise");
  return normal_noise(noise_.keys, shape, noise_.stream, full(name));
}

Var Scope::uniform(const Shape& shape, const std::string& name) const {
  ensure(static_cast<bool>(noise_.keys), full(name), "a graph with row keys for its noise");
  return uniform_noise(noise_.keys, shape, noise_.stream, full(name));
}

}  // namespace diabolo
