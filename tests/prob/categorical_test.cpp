// Categories and bins: columns of levels by their logits.
#include <gtest/gtest.h>
#include <prob/tiny_likelihood.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

using testing::TinyLikelihood;
using testing::Values;

// Two columns of 3 levels, one of 2, one of 3 again: three runs.
constexpr std::int64_t D = 4;
const ComponentChoice kCategories{"categorical", {{"levels", "3,3,2,3"}}};
const ComponentChoice kBins{"bins", {{"levels", "3,3,2,3"}}};
const std::vector<Values> kLogits = {{0.5, -1, 2}, {0, 0, -3}, {40, 39}, {-800, 0.5, -0.5}};

struct Levels : TinyLikelihood {
  explicit Levels(const ComponentChoice& choice, std::int64_t rows = 1, DType real = DType::f64)
      : TinyLikelihood(choice, D, rows, real) {
    set("logits.bias", {0.5, -1, 2, 0, 0, -3, 40, 39, -800, 0.5, -0.5});
  }
};

double log_mass(std::size_t column, std::size_t level) {
  const Values& logits = kLogits[column];
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double l : logits) sum += std::exp(l - top);
  return logits[level] - top - std::log(sum);
}

TEST(categorical, log_mass_is_the_logit_less_all_of_them) {
  for (const DType real : {DType::f64, DType::f32}) {
    Levels f(kCategories, 1, real);
    for (const Values& x : {Values{0, 1, 1, 2}, Values{2, 2, 0, 0}, Values{1, 0, 1, 1}}) {
      const Values got = f.log_prob(x, D);
      for (std::size_t d = 0; d < D; ++d) {
        const double expected = log_mass(d, static_cast<std::size_t>(x[d]));
        EXPECT_NEAR(got[d], expected,
                    (real == DType::f64 ? 1e-13 : 1e-5) * (1 + std::abs(expected)))
            << d;
      }
    }
  }
}

TEST(categorical, masses_of_all_levels_add_up_to_one) {
  Levels f(kCategories);
  Values sum(D, 0);
  for (const double level : {0.0, 1.0, 2.0}) {
    const Values got = f.log_prob(Values(D, level), D);
    for (std::size_t d = 0; d < D; ++d)
      if (level < static_cast<double>(kLogits[d].size())) sum[d] += std::exp(got[d]);
  }
  for (const double s : sum) EXPECT_NEAR(s, 1, 1e-13);
}

TEST(categorical, mean_is_the_share_of_each_level_column_by_column) {
  const Levels f(kCategories);
  const Values mean = f.run(f.p->mean());
  ASSERT_EQ(mean.size(), 11u);
  std::size_t at = 0;
  for (std::size_t d = 0; d < D; ++d)
    for (std::size_t level = 0; level < kLogits[d].size(); ++level)
      EXPECT_NEAR(mean[at++], std::exp(log_mass(d, level)), 1e-14) << d << " " << level;
}

// Of columns of whole numbers or, of bins, of numbers within them.
void expect_frequencies(const Values& x, double rows) {
  for (std::size_t d = 0; d < D; ++d) {
    Values counts(kLogits[d].size(), 0);
    for (std::size_t i = d; i < x.size(); i += D) {
      ASSERT_GE(x[i], 0);
      ASSERT_LT(x[i], static_cast<double>(counts.size()) + 1e-6);
      counts[std::min(static_cast<std::size_t>(x[i]), counts.size() - 1)] += 1;
    }
    for (std::size_t level = 0; level < counts.size(); ++level) {
      const double share = std::exp(log_mass(d, level));
      EXPECT_NEAR(counts[level] / rows, share, 4 * std::sqrt(share * (1 - share) / rows) + 1e-9)
          << d << " " << level;
    }
  }
}

TEST(categorical, samples_are_levels_as_often_as_their_shares) {
  constexpr std::int64_t kRows = 20000;
  for (const DType real : {DType::f64, DType::f32}) {
    const Levels f(kCategories, kRows, real);
    const Values x = f.run(f.p->sample(f.scope));
    for (const double v : x) ASSERT_EQ(v, std::floor(v));
    expect_frequencies(x, kRows);
  }
}

// Columns are drawn apart: pairs are as often as the product of their shares.
TEST(categorical, columns_are_independent_given_the_code) {
  constexpr std::int64_t kRows = 20000;
  const Levels f(kCategories, kRows);
  const Values x = f.run(f.p->sample(f.scope));
  double both = 0;
  for (std::size_t i = 0; i < x.size(); i += D) both += x[i] == 2 && x[i + 1] == 1;
  const double share = std::exp(log_mass(0, 2) + log_mass(1, 1));
  EXPECT_NEAR(both / kRows, share, 4 * std::sqrt(share / kRows));
}

TEST(categorical, features_are_a_one_for_each_column_and_none_where_it_is_absent) {
  Levels f(kCategories);
  EXPECT_EQ(f.features_ones({1, 0, 1, 2}, D), Values({0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1}));
  EXPECT_EQ(f.features_ones(Values(D, f.likelihood->absent()), D), Values(11, 0));
}

TEST(categorical, one_number_of_levels_is_for_every_column) {
  TinyLikelihood f(ComponentChoice{"categorical", {{"levels", "4"}}}, 2);
  for (const double mass : f.log_prob({3, 0}, 2)) EXPECT_NEAR(mass, -std::log(4), 1e-14);
}

TEST(categorical, levels_for_another_number_of_columns_are_refused) {
  EXPECT_THROW(TinyLikelihood(kCategories, 3), Error);
  EXPECT_THROW(likelihoods().complete({"categorical", {{"levels", "3,0"}}}), Error);
}

TEST(bins, log_mass_is_that_of_the_bin_wherever_the_value_lies_in_it) {
  Levels f(kBins);
  for (const double place : {0.0, 0.3, 0.999}) {
    const Values got = f.log_prob({0 + place, 2 + place, 1 + place, 1 + place}, D);
    const std::size_t bin[] = {0, 2, 1, 1};
    for (std::size_t d = 0; d < D; ++d) EXPECT_NEAR(got[d], log_mass(d, bin[d]), 1e-13) << place;
  }
  EXPECT_FALSE(f.likelihood->is_mass());
  EXPECT_TRUE(Levels(kCategories).likelihood->is_mass());
}

TEST(bins, samples_are_uniform_within_bins_as_often_as_their_shares) {
  constexpr std::int64_t kRows = 20000;
  const Levels f(kBins, kRows);
  const Values x = f.run(f.p->sample(f.scope));
  expect_frequencies(x, kRows);
  Values places;
  for (const double v : x) places.push_back(v - std::floor(v));
  std::sort(places.begin(), places.end());
  EXPECT_LT(testing::distance_to(places, [](double p) { return p; }),
            1.95 / std::sqrt(static_cast<double>(places.size())));
}

TEST(bins, features_are_a_one_for_each_column_and_none_where_it_is_absent) {
  Levels f(kBins);
  EXPECT_EQ(f.features_ones({1.7, 0.2, 1, 2.5}, D), Values({0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1}));
  EXPECT_EQ(f.features_ones(Values(D, f.likelihood->absent()), D), Values(11, 0));
}

}  // namespace
}  // namespace diabolo
