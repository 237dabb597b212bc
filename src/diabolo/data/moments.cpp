#include <diabolo/data/moments.h>

#include <cmath>

namespace diabolo {
namespace {

Moments moments_of(std::span<const double> values) {
  Moments block{.count = static_cast<std::int64_t>(values.size())};
  const double n = static_cast<double>(values.size());
  double distance = 0;
  for (const double x : values) distance += x / n - values[0] / n;
  block.mean = values[0] + distance;
  for (const double x : values) {
    const double d = x - block.mean, d2 = d * d;
    block.m2 += d2;
    block.m3 += d2 * d;
    block.m4 += d2 * d2;
  }
  return block;
}

}  // namespace

void Moments::add(std::span<const double> values) {
  if (values.empty()) return;
  const Moments b = moments_of(values);
  if (count == 0) {
    *this = b;
    return;
  }
  const double na = static_cast<double>(count), nb = static_cast<double>(b.count), n = na + nb;
  const double d = b.mean - mean, d2 = d * d;
  const double m4_merged =
      m4 + b.m4 + d2 * d2 * na * nb * (na * na - na * nb + nb * nb) / (n * n * n) +
      6 * d2 * (na * na * b.m2 + nb * nb * m2) / (n * n) + 4 * d * (na * b.m3 - nb * m3) / n;
  const double m3_merged =
      m3 + b.m3 + d2 * d * na * nb * (na - nb) / (n * n) + 3 * d * (na * b.m2 - nb * m2) / n;
  m2 += b.m2 + d2 * na * nb / n;
  m3 = m3_merged;
  m4 = m4_merged;
  mean += d * nb / n;
  count += b.count;
}

double Moments::standard_deviation() const {
  return count == 0 ? 0 : std::sqrt(m2 / static_cast<double>(count));
}

double Moments::skewness() const {
  if (!(m2 > 0)) return 0;
  return std::sqrt(static_cast<double>(count)) * m3 / (m2 * std::sqrt(m2));
}

double Moments::excess_kurtosis() const {
  if (!(m2 > 0)) return 0;
  return static_cast<double>(count) * m4 / (m2 * m2) - 3;
}

}  // namespace diabolo
