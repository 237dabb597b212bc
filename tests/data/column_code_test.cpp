// Values to cells and back, for every code, and what densities pay for it.
#include <diabolo/base/random.h>
#include <diabolo/data/bin_edges.h>

#include "tables.h"

namespace diabolo {
namespace {

/// Through a float, as cells are.
double there_and_back(const ColumnCode& code, double x) {
  return code.to_data(static_cast<double>(static_cast<float>(code.to_cell(x))));
}

int bin(const ColumnCode& code, double x) {
  return static_cast<int>(std::floor(static_cast<float>(code.to_cell(x))));
}

TEST(ColumnCode, linear_cells_come_back_within_the_precision_of_floats) {
  const ColumnCode code{.shift = 1000, .scale = 7};
  for (const double x : {1000.0, 995.3, 1013.77, 0.0, -4e5})
    EXPECT_NEAR(there_and_back(code, x), x, 1e-6 * std::abs(x - 1000) + 1e-12);
  EXPECT_NEAR(code.log_slope(3), -std::log(7), 1e-12);
  EXPECT_TRUE(std::isnan(code.to_cell(kMissingCell)));
  EXPECT_TRUE(std::isnan(code.to_data(kMissingCell)));
}

TEST(ColumnCode, the_least_doubles_have_finite_slopes) {
  for (const ColumnCode::Form form : {ColumnCode::linear, ColumnCode::log}) {
    const ColumnCode code{.form = form, .scale = 1e-311};
    EXPECT_NEAR(code.log_slope(1), 311 * std::log(10), 1e-3);
  }
  const ColumnCode code{.shift = 1e-312, .scale = 1e-311};
  for (const double x : {3e-311, -2e-311}) EXPECT_NEAR(there_and_back(code, x) / x, 1, 1e-6);
}

TEST(ColumnCode, linear_cells_on_a_lattice_come_back_exactly) {
  const ColumnCode whole{.shift = 2'000'000.3, .scale = 123'456.7, .step = 1};
  for (double x = 0; x < 4'000'000; x += 3999) EXPECT_EQ(there_and_back(whole, x), x);
  EXPECT_NEAR(whole.log_slope(5), -std::log(123'456.7), 1e-12);
  const ColumnCode cents{.shift = 17.123, .scale = 3, .step = 0.01};
  for (int i = 0; i < 4000; ++i) EXPECT_EQ(there_and_back(cents, i / 100.0), i / 100.0);
  EXPECT_NEAR(cents.log_slope(5), std::log(0.01 / 3), 1e-12);
  EXPECT_NEAR(cents.to_data(0.0123, false), 17.123 + 3 * 0.0123, 1e-12);
}

TEST(ColumnCode, log_cells_come_back_and_what_is_not_above_the_origin_stays_finite) {
  const ColumnCode code{.form = ColumnCode::log, .shift = 1, .scale = 2, .origin = 0};
  for (const double x : {1e-6, 0.3, 1.0, 17.0, 1e9}) {
    EXPECT_NEAR(there_and_back(code, x), x, 1e-5 * x);
    // The slope of the code by differences.
    const double h = 1e-6 * x;
    EXPECT_NEAR(code.log_slope(x), std::log((code.to_cell(x + h) - code.to_cell(x - h)) / 2 / h),
                1e-6);
  }
  for (const double x : {0.0, -1.0, -1e30}) {
    EXPECT_TRUE(std::isfinite(static_cast<float>(code.to_cell(x))));
    EXPECT_TRUE(std::isfinite(code.log_slope(x)));
    EXPECT_LT(code.to_cell(x), code.to_cell(1e-6));
  }
  const ColumnCode counts{.form = ColumnCode::log, .shift = 1, .scale = 2, .step = 1};
  EXPECT_NEAR(counts.log_slope(10), -std::log(20), 1e-12);
  for (const double x : {1.0, 2.0, 77.0, 12345.0}) EXPECT_EQ(there_and_back(counts, x), x);
}

TEST(ColumnCode, cells_of_far_numbers_are_finite_floats_with_finite_squares) {
  const ColumnCode code{.shift = 0, .scale = 1e-3};
  for (const double x : {1e300, -1e300}) {
    const auto cell = static_cast<float>(code.to_cell(x));
    EXPECT_TRUE(std::isfinite(cell * cell));
    EXPECT_GT(cell * x, 0);
  }
}

TEST(ColumnCode, bins_keep_their_numbers) {
  const ColumnCode code{.form = ColumnCode::bins, .edges = {-3, 0, 0, 1, 1.5, 100}};
  EXPECT_EQ(code.to_cell(-3), 0);
  EXPECT_NEAR(code.to_cell(-1.5), 0.5, 1e-7);
  EXPECT_EQ(code.to_cell(0), 1.5);  // a bin of no width
  EXPECT_EQ(bin(code, std::nextafter(0.0, 1.0)), 2);
  EXPECT_EQ(bin(code, std::nextafter(0.0, -1.0)), 0);  // as a float 0 - 1e-324 would be 1
  EXPECT_EQ(bin(code, 1), 3);
  EXPECT_EQ(bin(code, 100), 4);  // the last bin has its end
  EXPECT_EQ(bin(code, -50), 0);
  EXPECT_EQ(bin(code, 5000), 4);
  EXPECT_NEAR(code.to_cell(5000), 5, 1e-6);
  RandomStream random({.seed = 1});
  for (int i = 0; i < 10'000; ++i) {
    const double x = -3 + 103 * std::pow(random.uniform(), 4);
    EXPECT_NEAR(there_and_back(code, x), x, 1e-4);
    EXPECT_EQ(bin(code, there_and_back(code, x)), bin(code, x));
  }
  EXPECT_EQ(there_and_back(code, 0), 0);
  EXPECT_EQ(code.log_slope(0), 0);
  EXPECT_NEAR(code.log_slope(50), -std::log(98.5), 1e-12);
  EXPECT_NEAR(code.log_slope(1e9), -std::log(98.5), 1e-12);
  EXPECT_NEAR(code.log_slope(1.2), std::log(2), 1e-12);
  EXPECT_EQ(code.to_data(-5), -3);
  EXPECT_EQ(code.to_data(77), 100);
}

TEST(ColumnCode, bins_on_a_lattice_hold_whole_points) {
  const ColumnCode code{
      .form = ColumnCode::bins, .step = 1, .edges = {-0.5, 0.5, 7.5, 1'000'000.5}};
  EXPECT_EQ(there_and_back(code, 0), 0);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(there_and_back(code, i), i);
  EXPECT_NEAR(code.log_slope(3), -std::log(7), 1e-12);
  EXPECT_EQ(code.log_slope(0), 0);
  for (int i = 8; i <= 1'000'000; i += 7) EXPECT_EQ(bin(code, there_and_back(code, i)), 2);
  // Wherever a cell is drawn, a point of its own bin comes out.
  for (int i = 0; i <= 1000; ++i) {
    const double share = i / 1000.0;
    EXPECT_EQ(code.to_data(share * 0.9999999), 0);
    EXPECT_EQ(bin(code, code.to_data(1 + share * 0.9999999)), 1);
    EXPECT_EQ(bin(code, code.to_data(2 + share * 0.9999)), 2);
  }
  EXPECT_NEAR(code.to_data(1.5, false), 4, 1e-9);
}

TEST(ColumnCode, decimals_come_back_as_they_are_written) {
  RandomStream random({.seed = 4});
  std::vector<double> sample;
  for (int i = 0; i < 5000; ++i) sample.push_back(std::floor(random.uniform() * 400) / 100);
  std::sort(sample.begin(), sample.end());
  ColumnCode code{.form = ColumnCode::bins, .step = 0.01};
  code.edges = bin_edges(sample, sample.front(), sample.back(), 0.01, 100);
  for (const double x : sample) EXPECT_EQ(there_and_back(code, x), x);
}

TEST(BinEdges, bins_hold_about_as_many_rows) {
  RandomStream random({.seed = 4});
  std::vector<double> sample;
  for (int i = 0; i < 10'000; ++i) sample.push_back(std::exp(random.normal()));
  std::sort(sample.begin(), sample.end());
  ColumnCode code{.form = ColumnCode::bins};
  code.edges = bin_edges(sample, sample.front(), sample.back(), 0, 50);
  ASSERT_EQ(code.edges.size(), 61u);
  EXPECT_EQ(code.edges.front(), sample.front());
  EXPECT_EQ(code.edges.back(), sample.back());
  std::vector<int> counts(60);
  for (const double x : sample) ++counts[static_cast<std::size_t>(bin(code, x))];
  for (std::size_t i = 6; i < 54; ++i) EXPECT_NEAR(counts[i], 200, 2);
  // The outermost ones are cut in half, and their outer half again, down to a few rows.
  const std::vector<int> tail{6, 6, 13, 25, 50, 100};
  for (std::size_t i = 0; i < tail.size(); ++i) {
    EXPECT_NEAR(counts[i], tail[i], 2);
    EXPECT_NEAR(counts[59 - i], tail[i], 2);
  }
}

TEST(BinEdges, a_wide_gap_is_a_bin_without_rows) {
  std::vector<double> sample;
  for (int i = 0; i < 100; ++i) sample.push_back(i < 50 ? 0.01 * i : 7 + 0.01 * i);
  ColumnCode code{.form = ColumnCode::bins, .edges = bin_edges(sample, 0, 7.99, 0, 7)};
  EXPECT_TRUE(std::ranges::binary_search(code.edges, 0.49));
  EXPECT_TRUE(std::ranges::binary_search(code.edges, 7.5));
  const auto gap = static_cast<std::size_t>(bin(code, 3));
  EXPECT_EQ(code.edges[gap], 0.49);
  EXPECT_EQ(code.edges[gap + 1], 7.5);
}

TEST(BinEdges, points_of_a_lattice_are_shared_out_evenly) {
  std::vector<double> sample;
  for (int i = 0; i < 1000; ++i) sample.push_back(i / 10);
  const std::vector<double> edges = bin_edges(sample, 0, 99, 1, 50);
  ASSERT_EQ(edges.size(), 51u);
  for (std::size_t i = 0; i < edges.size(); ++i)
    EXPECT_EQ(edges[i], 2 * static_cast<double>(i) - 0.5);
}

TEST(BinEdges, values_of_many_rows_are_bins_of_their_own) {
  std::vector<double> sample;
  for (int i = 0; i < 500; ++i) sample.push_back(0);
  for (int i = 0; i < 400; ++i) sample.push_back(3 + 0.01 * i);
  for (int i = 0; i < 100; ++i) sample.push_back(9);
  const std::vector<double> real = bin_edges(sample, 0, 9, 0, 12);
  EXPECT_EQ(real.size(), 13u);
  EXPECT_EQ((std::vector<double>{real[0], real[1]}), (std::vector<double>{0, 0}));
  EXPECT_EQ(real.back(), 9);
  ColumnCode code{.form = ColumnCode::bins, .edges = real};
  EXPECT_EQ(there_and_back(code, 0), 0);
  EXPECT_EQ(code.log_slope(0), 0);

  const std::vector<double> lattice = bin_edges(sample, 0, 9, 0.01, 12);
  EXPECT_EQ(lattice[0], -0.005);
  EXPECT_EQ(lattice[1], 0.005);
  EXPECT_EQ(lattice[lattice.size() - 2], 8.995);
  EXPECT_EQ(lattice.back(), 9.005);
  ColumnCode cents{.form = ColumnCode::bins, .step = 0.01, .edges = lattice};
  EXPECT_EQ(cents.log_slope(0), 0);
  EXPECT_EQ(cents.log_slope(9), 0);
}

TEST(BinEdges, edges_do_not_fall_and_end_at_the_extremes_whatever_comes) {
  RandomStream random({.seed = 5});
  for (int round = 0; round < 300; ++round) {
    const double step = round % 3 == 0 ? 0 : round % 3 == 1 ? 1 : 0.1;
    const auto points = 1 + random.below(40);
    std::vector<double> sample;
    for (std::uint64_t i = 0, n = 1 + random.below(200); i < n; ++i) {
      const auto k = static_cast<double>(random.below(points) * random.below(points));
      sample.push_back(step == 0.1 ? k / 10 : k);
    }
    std::sort(sample.begin(), sample.end());
    // The sample may lack the extremes.
    const double low = sample.front() - (round % 2 ? 0 : 2),
                 high = sample.back() + (round % 4 ? 0 : 3);
    const int bins = 2 + static_cast<int>(random.below(20));
    ColumnCode code{.form = ColumnCode::bins, .step = step};
    code.edges = bin_edges(sample, low, high, step, bins);
    ASSERT_GE(code.edges.size(), 2u);
    EXPECT_TRUE(std::is_sorted(code.edges.begin(), code.edges.end()));
    EXPECT_NEAR(code.edges.front(), low - step / 2, 1e-9);
    EXPECT_NEAR(code.edges.back(), high + step / 2, 1e-9);
    for (const double edge : code.edges)
      if (step > 0) {
        EXPECT_NEAR(std::abs(std::remainder(edge / step, 1)), 0.5, 1e-6);
      }
    for (const double x : sample) {
      EXPECT_EQ(bin(code, there_and_back(code, x)), bin(code, x));
      if (step > 0) {
        EXPECT_NEAR(there_and_back(code, x), x, 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace diabolo
