// Patterns of missing values: as the data had them, in new rows.
#include <diabolo/data/holes.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace diabolo {
namespace {

constexpr float kHole = std::numeric_limits<float>::quiet_NaN();

// Ten columns: in a tenth of the rows the last two are missing together, in two tenths the first.
Dataset rows(std::int64_t count) {
  Tensor values(DType::f32, {count, 10});
  const auto cells = values.as<float>();
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    if (i % 10 == 0) cells[10 * i + 8] = cells[10 * i + 9] = kHole;
    if (i % 10 == 1 || i % 10 == 2) cells[10 * i] = kHole;
  }
  return Dataset::from(std::move(values));
}

TEST(Holes, are_patterns_of_rows_and_how_many_have_them) {
  const std::vector<HolePattern> patterns = hole_patterns(rows(100), 1);
  const std::vector<HolePattern> expected = {
      {std::string("\0\0", 2), 70}, {std::string("\0\3", 2), 10}, {std::string("\1\0", 2), 20}};
  EXPECT_EQ(patterns, expected);
  EXPECT_EQ(hole_patterns(rows(100), 2), expected) << "all rows of a small table";
}

TEST(Holes, of_many_rows_are_those_of_a_sample) {
  std::int64_t total = 0;
  for (const HolePattern& pattern : hole_patterns(rows(50000), 1)) {
    total += pattern.rows;
    if (pattern.missing[0] == 1) {
      EXPECT_NEAR(static_cast<double>(pattern.rows), 200, 50);
    }
  }
  EXPECT_EQ(total, kHoleRows);
}

TEST(Holes, are_none_in_complete_rows_and_in_bytes) {
  EXPECT_TRUE(hole_patterns(Dataset::from(Tensor(DType::f32, {5, 3})), 1).empty());
  EXPECT_TRUE(hole_patterns(Dataset::from(Tensor(DType::u8, {5, 3})), 1).empty());
}

TEST(Holes, of_new_rows_are_as_frequent_and_go_together) {
  const std::vector<HolePattern> patterns = hole_patterns(rows(100), 1);
  Tensor fresh(DType::f32, {4000, 10}), fewer(DType::f32, {50, 10});
  make_holes(patterns, 3, fresh);
  make_holes(patterns, 3, fewer);
  double both = 0, first = 0;
  for (std::size_t i = 0; i < 4000; ++i) {
    const auto row = fresh.as<float>().subspan(10 * i, 10);
    EXPECT_EQ(std::isnan(row[8]), std::isnan(row[9]));
    for (std::size_t d = 1; d < 8; ++d) EXPECT_EQ(row[d], 0);
    both += std::isnan(row[9]);
    first += std::isnan(row[0]);
    if (i < 50) {
      EXPECT_EQ(std::isnan(row[0]), std::isnan(fewer.as<float>()[10 * i]))
          << "depends on the place";
    }
  }
  EXPECT_NEAR(both / 4000, 0.1, 0.02);
  EXPECT_NEAR(first / 4000, 0.2, 0.03);
}

}  // namespace
}  // namespace diabolo
