// What one pass over a column tells of it: counts, range, moments, the lattice, distinct values and
// a sample. Memory is bounded, and nothing depends on how the rows come in blocks.
#pragma once

#include <diabolo/data/lattice.h>
#include <diabolo/data/moments.h>
#include <diabolo/data/value_counts.h>

namespace diabolo {

struct ColumnStatistics {
  Field field;
  std::int64_t rows = 0, missing = 0;

  // Distinct values: all of them with their counts if there are few enough (`counted`), text by
  // falling count, numbers ascending.
  bool counted = true;
  std::int64_t distinct = 0;  // about as many, if not counted
  double distinct_share = 0;  // of the observed cells
  std::vector<std::string> levels = {};
  std::vector<double> values = {};
  std::vector<std::int64_t> counts = {};

  // Numbers only.
  double low = 0, high = 0;
  double mean = 0, deviation = 0, skewness = 0, kurtosis = 0;  // kurtosis: 0 is the normal one
  int decimals = -1;
  double step = 0;
  bool increasing = true;           // each above the one before
  std::vector<double> sample = {};  // sorted

  std::int64_t observed() const { return rows - missing; }
  bool is_text() const { return field.type == ColumnType::text; }
};

struct StatisticsLimits {
  std::size_t distinct = 1024;
  std::size_t sample = 100'000;
};

class StatisticsCounter {
 public:
  StatisticsCounter(const Field& field, const StatisticsLimits& limits);
  /// Numbers must be finite or NaN.
  void add(const ColumnValues& values, std::int64_t rows);
  ColumnStatistics finish();

 private:
  void add_block();
  void sample_block();

  ColumnStatistics result_;
  StatisticsLimits limits_;
  ValueCounts<std::string, std::string_view> texts_;
  ValueCounts<double, double> numbers_;
  Moments moments_;
  LatticeFinder lattice_;
  std::vector<double> block_;  // observed numbers that wait: sums do not depend on the chunks
  std::int64_t sampled_ = 0;   // numbers that the sample was drawn from
};

}  // namespace diabolo
