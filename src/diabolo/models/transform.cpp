#include <diabolo/models/transform.h>

#include <cmath>

namespace diabolo {
namespace {

Var row(Graph& graph, const std::vector<double>& values) {
  if (values.size() == 1) return constant(graph, values[0]);
  return constant(graph, {static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace

bool is_binarization(std::string_view name) {
  return name == "none" || name == "dynamic" || name == "threshold";
}

Var Transform::to_network(const Scope& scope, Var x, const NoiseSource& noise) const {
  if (x.dtype() != scope.graph().real()) x = cast(x);
  std::vector<double> inverse;
  for (const double s : scale) inverse.push_back(1 / s);
  if (shift != std::vector<double>{0}) x = x - row(scope.graph(), shift);
  if (scale != std::vector<double>{1}) x = x * row(scope.graph(), inverse);  // [B, D]
  if (binarize == "dynamic") return less(scope.with_noise(noise).uniform(x.shape(), "binarize"), x);
  if (binarize == "threshold") return 1.0 - less(x, constant(scope.graph(), 0.5));
  return x;
}

double Transform::log_jacobian(std::int64_t dimensions) const {
  double sum = 0;
  for (const double s : scale) sum -= std::log(s);
  return scale.size() == 1 ? sum * static_cast<double>(dimensions) : sum;
}

double Transform::to_data(double network, std::int64_t d) const {
  return network * scale_of(d) + shift[shift.size() == 1 ? 0 : static_cast<std::size_t>(d)];
}

}  // namespace diabolo
