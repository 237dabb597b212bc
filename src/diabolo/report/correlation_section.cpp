// How two columns depend on each other, a number for each pair: for numbers Pearson's correlation,
// for a number and levels the correlation ratio, for levels Cramer's V (the last two from 0 to 1).
// Of rows where both are there.
#include <diabolo/report/sections.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace diabolo {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

double pearson(const std::vector<double>& a, const std::vector<double>& b) {
  double n = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) continue;
    ++n;
    const double da = a[i] - ma, db = b[i] - mb;
    ma += da / n, mb += db / n;
    aa += da * (a[i] - ma), bb += db * (b[i] - mb), ab += da * (b[i] - mb);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : kUndefined;
}

double correlation_ratio(const ReportColumn& of_levels, const std::vector<double>& numbers) {
  std::vector<double> sums(of_levels.levels.size()), counts(of_levels.levels.size());
  double n = 0, mean = 0, squares = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (std::isnan(of_levels.values[i]) || std::isnan(numbers[i])) continue;
    const auto level = static_cast<std::size_t>(of_levels.values[i]);
    sums[level] += numbers[i];
    ++counts[level];
    ++n;
    const double d = numbers[i] - mean;
    mean += d / n;
    squares += d * (numbers[i] - mean);
  }
  double between = 0;
  for (std::size_t l = 0; l < sums.size(); ++l)
    if (counts[l] > 0) between += counts[l] * std::pow(sums[l] / counts[l] - mean, 2);
  return squares > 0 ? std::sqrt(std::clamp(between / squares, 0.0, 1.0)) : kUndefined;
}

double cramers_v(const ReportColumn& a, const ReportColumn& b) {
  const std::size_t A = a.levels.size(), B = b.levels.size();
  std::vector<double> counts(A * B), rows(A), columns(B);
  double n = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    if (std::isnan(a.values[i]) || std::isnan(b.values[i])) continue;
    const auto x = static_cast<std::size_t>(a.values[i]), y = static_cast<std::size_t>(b.values[i]);
    ++counts[x * B + y], ++rows[x], ++columns[y], ++n;
  }
  double chi = 0;
  for (std::size_t x = 0; x < A; ++x)
    for (std::size_t y = 0; y < B; ++y)
      if (const double expected = rows[x] * columns[y] / std::max(n, 1.0); expected > 0)
        chi += std::pow(counts[x * B + y] - expected, 2) / expected;
  const auto seen = [](const std::vector<double>& c) {
    return static_cast<double>(std::count_if(c.begin(), c.end(), [](double x) { return x > 0; }));
  };
  const double least = std::min(seen(rows), seen(columns)) - 1;
  return n > 0 && least > 0 ? std::sqrt(std::min(chi / (n * least), 1.0)) : kUndefined;
}

double association(const ReportColumn& a, const ReportColumn& b) {
  const bool a_named = a.has_levels() && !a.is_ordered, b_named = b.has_levels() && !b.is_ordered;
  if (a_named && b_named) return cramers_v(a, b);
  if (a_named) return correlation_ratio(a, b.values);
  if (b_named) return correlation_ratio(b, a.values);
  return pearson(a.values, b.values);
}

Json matrix(const std::vector<ReportColumn>& columns) {
  std::vector<double> values;
  for (const ReportColumn& a : columns)
    for (const ReportColumn& b : columns) values.push_back(&a == &b ? 1 : association(a, b));
  return numbers(values);
}

}  // namespace

Json correlation_section(const std::vector<ReportColumn>& real,
                         const std::vector<ReportColumn>& made) {
  if (real.size() < 2) return nullptr;
  Json names = Json::array();
  for (const ReportColumn& column : real) names.push_back(column.name);
  return {{"names", names}, {"real", matrix(real)}, {"made", matrix(made)}};
}

}  // namespace diabolo
