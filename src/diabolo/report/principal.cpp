#include <diabolo/report/principal.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diabolo {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Of length 1, at right angles to `other`; its largest number is positive. 0 if nothing but
/// rounding is left at right angles.
void normalise(Vector& v, const Vector* other) {
  const double whole = std::sqrt(dot(v, v));
  if (other) {
    const double along = dot(v, *other);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] -= along * (*other)[i];
  }
  constexpr double kRounding = 1e-12;
  const double rest = std::sqrt(dot(v, v)), length = rest > kRounding * whole ? rest : 0;
  const auto largest = std::max_element(
      v.begin(), v.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  const double scale = length > 0 ? (*largest < 0 ? -1 : 1) / length : 0;
  for (double& x : v) x *= scale;
}

Vector places(const Vector& centred, const Vector& direction) {
  const std::size_t Z = direction.size();
  Vector result(centred.size() / Z);
  for (std::size_t row = 0; row < result.size(); ++row)
    result[row] = std::inner_product(direction.begin(), direction.end(),
                                     centred.begin() + static_cast<std::ptrdiff_t>(row * Z), 0.0);
  return result;
}

/// The covariance times a direction, to a factor.
Vector spread(const Vector& centred, const Vector& direction) {
  const std::size_t Z = direction.size();
  const Vector along = places(centred, direction);
  Vector result(Z, 0.0);
  for (std::size_t row = 0; row < along.size(); ++row)
    for (std::size_t z = 0; z < Z; ++z) result[z] += along[row] * centred[row * Z + z];
  return result;
}

/// At most kRows rows, evenly spaced.
Vector some_rows(const Vector& centred, std::size_t Z) {
  constexpr std::size_t kRows = 10000;
  const std::size_t rows = centred.size() / Z, step = (rows + kRows - 1) / kRows;
  Vector result;
  for (std::size_t row = 0; row < rows; row += step) {
    const auto begin = centred.begin() + static_cast<std::ptrdiff_t>(row * Z);
    result.insert(result.end(), begin, begin + static_cast<std::ptrdiff_t>(Z));
  }
  return result;
}

}  // namespace

Principal principal_two(const Tensor& codes) {
  const auto N = static_cast<std::size_t>(codes.rows());
  const auto Z = static_cast<std::size_t>(codes.row_size());
  const std::span<const float> values = codes.as<float>();
  Principal result;
  result.mean.resize(Z);
  result.deviation.resize(Z);
  for (std::size_t i = 0; i < N * Z; ++i) result.mean[i % Z] += static_cast<double>(values[i]);
  for (double& m : result.mean) m /= static_cast<double>(N);
  Vector centred(N * Z);
  double total = 0;
  for (std::size_t i = 0; i < N * Z; ++i) {
    centred[i] = static_cast<double>(values[i]) - result.mean[i % Z];
    result.deviation[i % Z] += centred[i] * centred[i];
    total += centred[i] * centred[i];
  }
  for (double& d : result.deviation) d = std::sqrt(d / static_cast<double>(N));

  Vector first(Z), second(Z);  // any start that favours no latent
  for (std::size_t z = 0; z < Z; ++z) {
    first[z] = 1 + 0.1 * std::sin(static_cast<double>(z) + 1);
    second[z] = std::cos(1.7 * static_cast<double>(z) + 0.3);
  }
  const Vector some = some_rows(centred, Z);
  constexpr int kRounds = 60;
  for (int round = 0; round < kRounds; ++round) {
    first = spread(some, first);
    normalise(first, nullptr);
    second = spread(some, second);
    normalise(second, &first);
  }
  result.x = places(centred, first);
  result.y = Z > 1 ? places(centred, second) : Vector(N, 0.0);
  if (total > 0) {
    result.x_share = dot(result.x, result.x) / total;
    result.y_share = dot(result.y, result.y) / total;
  }
  return result;
}

}  // namespace diabolo
