#include <diabolo/data/schema.h>
#include <diabolo/models/transform.h>

#include <algorithm>
#include <cmath>
#include <iterator>

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
  // As cells of tables, columns that were standardised end where squares are still far from the
  // range of f32. A missing value stays NaN.
  if (shift != std::vector<double>{0}) x = clamp(x, -kFarthestCell, kFarthestCell);
  if (binarize == "dynamic") return less(scope.with_noise(noise).uniform(x.shape(), "binarize"), x);
  if (binarize == "threshold") return 1.0 - less(x, constant(scope.graph(), 0.5));
  return x;
}

double Transform::log_jacobian(std::int64_t dimensions) const {
  double sum = 0;
  for (const double s : scale) sum -= std::log(s);
  return scale.size() == 1 ? sum * static_cast<double>(dimensions) : sum;
}

std::vector<double> Transform::log_jacobians(std::int64_t dimensions) const {
  std::vector<double> each(static_cast<std::size_t>(dimensions));
  for (std::int64_t d = 0; d < dimensions; ++d)
    each[static_cast<std::size_t>(d)] = -std::log(scale_of(d));
  return each;
}

void Transform::to_data(
    std::span<const float> network, std::int64_t dimensions,
    FunctionRef<void(std::size_t, std::size_t, std::span<const double>)> take) const {
  const auto D = static_cast<std::size_t>(dimensions);
  double piece[256];
  for (std::size_t row = 0; row * D < network.size(); ++row)
    for (std::size_t first = 0; first < D; first += std::size(piece)) {
      const auto numbers = std::span(piece).first(std::min(std::size(piece), D - first));
      piece_to_data(network.subspan(row * D + first), first, numbers);
      take(row, first, numbers);
    }
}

void Transform::piece_to_data(std::span<const float> network, std::size_t first,
                              std::span<double> data) const {
  const auto columns = [first](const std::vector<double>& x) {
    return x.size() == 1 ? nullptr : x.data() + first;
  };
  const double *scales = columns(scale), *shifts = columns(shift);
  const double one_scale = scale[0], one_shift = shift[0];
  for (std::size_t i = 0; i < data.size(); ++i)
    data[i] = static_cast<double>(network[i]) * (scales ? scales[i] : one_scale) +
              (shifts ? shifts[i] : one_shift);
}

}  // namespace diabolo
