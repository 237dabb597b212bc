// The parts of the one pass over a column: moments, lattices, distinct values, samples.
#include <diabolo/base/random.h>
#include <diabolo/data/column_statistics.h>

#include "tables.h"

namespace diabolo {
namespace {

ColumnStatistics statistics(ColumnType type, const std::vector<double>& values,
                            StatisticsLimits limits = {}, const std::string& sql_type = "DOUBLE") {
  StatisticsCounter counter({.name = "x", .type = type, .sql_type = sql_type}, limits);
  counter.add({.numbers = values, .text = {}}, static_cast<std::int64_t>(values.size()));
  return counter.finish();
}

TEST(Moments, are_those_of_the_definition_far_from_zero_too) {
  RandomStream random({.seed = 1});
  std::vector<double> x(10'000), far(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = std::exp(random.normal());
    far[i] = x[i] + 1e8;
  }
  long double mean = 0, m2 = 0, m3 = 0, m4 = 0;
  for (const double v : x) mean += v;
  mean /= x.size();
  for (const double v : x) {
    const long double d = v - mean;
    m2 += d * d;
    m3 += d * d * d;
    m4 += d * d * d * d;
  }
  const auto n = static_cast<long double>(x.size());
  for (const bool shifted : {false, true}) {
    const ColumnStatistics s = statistics(ColumnType::real, shifted ? far : x);
    const double tolerance = shifted ? 1e-6 : 1e-12;
    EXPECT_NEAR(s.mean, static_cast<double>(mean) + (shifted ? 1e8 : 0), 1e-7);
    EXPECT_NEAR(s.deviation, static_cast<double>(std::sqrt(m2 / n)), tolerance * 10);
    EXPECT_NEAR(s.skewness, static_cast<double>(std::sqrt(n) * m3 / std::pow(m2, 1.5L)),
                tolerance * 100);
    EXPECT_NEAR(s.kurtosis, static_cast<double>(n * m4 / (m2 * m2) - 3), tolerance * 1e4);
  }
  EXPECT_EQ(statistics(ColumnType::real, {2, 2, 2}).skewness, 0);
  EXPECT_EQ(statistics(ColumnType::real, {2, 2, 2}).kurtosis, 0);
}

TEST(Lattice, decimals_are_those_that_are_written) {
  const auto decimals = [](std::vector<double> x) {
    return statistics(ColumnType::real, x).decimals;
  };
  EXPECT_EQ(decimals({1, 2, -7}), 0);
  EXPECT_EQ(decimals({1, 2.5}), 1);
  EXPECT_EQ(decimals({0.1, 0.25, 1234567.89}), 2);
  EXPECT_EQ(decimals({0.000001}), 6);
  EXPECT_EQ(decimals({0.0000001}), -1);
  EXPECT_EQ(decimals({1.0 / 3}), -1);
  EXPECT_EQ(decimals({0.1 + 0.2}), -1);
  EXPECT_EQ(decimals({kMissingCell, 0.5}), 1);
  EXPECT_EQ(decimals({1e300}), 0);
}

TEST(Lattice, floats_have_the_decimals_of_floats) {
  const auto of = [](std::vector<float> x) {
    return statistics(ColumnType::real, {x.begin(), x.end()}, {}, "FLOAT").decimals;
  };
  EXPECT_EQ(of({0.1f, 2.3f, 7.5f}), 1);
  EXPECT_EQ(statistics(ColumnType::real, {static_cast<double>(0.1f)}).decimals, -1);
  RandomStream random({.seed = 1});
  std::vector<float> measured;
  for (int i = 0; i < 100; ++i) measured.push_back(static_cast<float>(1000 * random.uniform()));
  EXPECT_EQ(of(measured), -1);
}

TEST(Lattice, whole_numbers_have_the_step_of_their_common_divisor) {
  EXPECT_EQ(statistics(ColumnType::integer, {500, -1500, 0, 20'000}).step, 500);
  EXPECT_EQ(statistics(ColumnType::integer, {500, 1501}).step, 1);
  EXPECT_EQ(statistics(ColumnType::real, {500, 1500, 0.25}).step, 0.01);
  EXPECT_EQ(statistics(ColumnType::time, {3600, 7200 + 60}).step, 60);
  EXPECT_EQ(statistics(ColumnType::timestamp, {0, 86400}).step, 86400);
  EXPECT_EQ(statistics(ColumnType::timestamp, {0.5, 86400}).step, 0);
}

TEST(ValueCounts, are_exact_up_to_the_bound) {
  ValueCounts<double, double> counts(100);
  for (int i = 0; i < 1000; ++i) counts.add(i % 100 == 0 ? -0.0 : i % 100);
  counts.add(0.0);
  EXPECT_TRUE(counts.exact());
  EXPECT_EQ(counts.distinct(), 100);
  EXPECT_EQ(counts.counts()[0], 11);
  EXPECT_NEAR(counts.distinct_share(), 100 / 1001.0, 1e-12);
}

TEST(ValueCounts, beyond_the_bound_tell_about_how_many_there_are) {
  for (const int each : {1, 2, 5}) {
    ValueCounts<std::string, std::string_view> counts(4096);
    for (int round = 0; round < each; ++round)
      for (int i = 0; i < 300'000; ++i) counts.add(fmt::format("value {}", i));
    EXPECT_FALSE(counts.exact());
    EXPECT_NEAR(static_cast<double>(counts.distinct()), 300'000, 20'000);
    EXPECT_NEAR(counts.distinct_share(), 1.0 / each, 1e-9);
    ValueCounts<double, double> sorted(4096);
    for (int i = 0; i < 30'000 * each; ++i) sorted.add(i / each);
    EXPECT_NEAR(sorted.distinct_share(), 1.0 / each, 1e-9);
  }
}

TEST(Statistics, the_sample_is_of_all_rows_alike) {
  const auto x = make_numbers(200'000, [](std::size_t i) { return static_cast<double>(i); });
  const ColumnStatistics s = statistics(ColumnType::integer, x, {.distinct = 16, .sample = 5000});
  ASSERT_EQ(s.sample.size(), 5000u);
  EXPECT_TRUE(std::is_sorted(s.sample.begin(), s.sample.end()));
  for (int i = 1; i < 10; ++i)
    EXPECT_NEAR(s.sample[static_cast<std::size_t>(500 * i)], 20'000 * i, 3000);
  EXPECT_EQ(std::adjacent_find(s.sample.begin(), s.sample.end()), s.sample.end());
  EXPECT_TRUE(s.increasing);
}

TEST(Statistics, missing_cells_are_not_values) {
  const ColumnStatistics s =
      statistics(ColumnType::real, {kMissingCell, 3, kMissingCell, 4, 4, kMissingCell});
  EXPECT_EQ(s.rows, 6);
  EXPECT_EQ(s.missing, 3);
  EXPECT_EQ(s.distinct, 2);
  EXPECT_EQ(s.low, 3);
  EXPECT_EQ(s.counts, (std::vector<std::int64_t>{1, 2}));
  EXPECT_FALSE(s.increasing);
}

TEST(Statistics, rising_is_from_each_row_to_the_next) {
  EXPECT_TRUE(statistics(ColumnType::real, {-5, 1, 1.5}).increasing);
  EXPECT_FALSE(statistics(ColumnType::real, {1, 3, 2, 4}).increasing);
  EXPECT_FALSE(statistics(ColumnType::real, {1, 1}).increasing);
  auto x = make_numbers(3000, [](std::size_t i) { return static_cast<double>(i); });
  x[1024] = 1023;  // at the border of blocks
  EXPECT_FALSE(statistics(ColumnType::real, x).increasing);
}

}  // namespace
}  // namespace diabolo
