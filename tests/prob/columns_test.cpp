// Likelihoods side by side are what each is alone.
#include <gtest/gtest.h>
#include <prob/tiny_likelihood.h>

#include <cmath>

namespace diabolo::columns_test {
namespace {

using testing::TinyLikelihood;
using testing::Values;

constexpr std::int64_t D = 7, kRows = 3;
// Groups with ones stand before, between and behind those with numbers.
const std::vector<ColumnGroup> kGroups = {{{"categorical", {{"levels", "3"}}}, 1},
                                          {{"normal", {}}, 2},
                                          {{"bins", {{"levels", "2,4"}}}, 2},
                                          {{"bernoulli", {}}, 1},
                                          {{"categorical", {{"levels", "2"}}}, 1}};
const Values kX = {2,  0.3, -1, 0.5, 3.2, 1, 0,  //
                   0,  -2,  4,  1.9, 0.1, 0, 1,  //
                   -1, 0,   0,  -1,  -1,  0, -1};

// Every parameter something else, the same in the whole and in its parts.
double value_of(const std::string& name, std::size_t i) {
  double sum = static_cast<double>(i) * 0.37;
  for (const char c : name) sum += 0.11 * c;
  return std::sin(sum);
}

void fill(TinyLikelihood& f, const std::string& prefix = "") {
  for (const ParameterInfo& info : f.parameters.all())
    for (std::size_t i = 0; i < static_cast<std::size_t>(info.shape.size()); ++i)
      f.flat[static_cast<std::size_t>(info.offset) + i] = value_of(prefix + info.name, i);
}

struct Whole : TinyLikelihood {
  explicit Whole(std::int64_t rows = kRows)
      : TinyLikelihood(columns_likelihood(kGroups, likelihoods()), D, rows) {
    fill(*this);
  }
};

struct Part : TinyLikelihood {
  explicit Part(std::size_t g) : TinyLikelihood(kGroups[g].likelihood, kGroups[g].columns, kRows) {
    fill(*this, std::to_string(g) + ".");
  }
};

// Columns [first, first + count) of rows of `width`.
Values cut(const Values& x, std::size_t width, std::size_t first, std::size_t count) {
  Values out;
  for (std::size_t row = 0; row < x.size() / width; ++row)
    for (std::size_t i = 0; i < count; ++i) out.push_back(x[row * width + first + i]);
  return out;
}

TEST(columns, log_probabilities_are_those_of_the_parts_side_by_side) {
  Whole f;
  const Values got = f.run(f.p->log_prob(constant(f.graph, {kRows, D}, kX), {kRows, D}));
  std::size_t first = 0;
  for (std::size_t g = 0; g < kGroups.size(); ++g) {
    const auto n = static_cast<std::size_t>(kGroups[g].columns);
    Part alone(g);
    const Var x = constant(alone.graph, {kRows, kGroups[g].columns}, cut(kX, D, first, n));
    EXPECT_EQ(cut(got, D, first, n), alone.run(alone.p->log_prob(x, {kRows, kGroups[g].columns})))
        << g;
    first += n;
  }
}

TEST(columns, several_draws_share_the_data) {
  Whole f(2 * kRows);
  const Values got = f.run(f.p->log_prob(constant(f.graph, {kRows, D}, kX), {2, kRows, D}));
  ASSERT_EQ(got.size(), 2u * kRows * D);
  Whole one;
  const Values expected = one.run(one.p->log_prob(constant(one.graph, {kRows, D}, kX), {kRows, D}));
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(got[i], expected[i % expected.size()]) << i;
}

TEST(columns, means_are_the_numbers_of_all_groups_before_the_levels_of_all) {
  Whole f;
  const Values got = f.run(f.p->mean());
  std::size_t first = 0;
  const std::size_t width = got.size() / kRows;
  EXPECT_EQ(width, 3u + 3 + 6 + 2);
  for (const std::size_t g : {1, 3, 0, 2, 4}) {  // normal, bernoulli, and then those of levels
    Part alone(g);
    const Values expected = alone.run(alone.p->mean());
    const std::size_t n = expected.size() / kRows;
    EXPECT_EQ(cut(got, width, first, n), expected) << g;
    first += n;
  }
}

TEST(columns, features_have_the_order_of_means_and_absent_values_none) {
  Whole f;
  const Features features = f.likelihood->features(constant(f.graph, {kRows, D}, kX));
  EXPECT_EQ(f.run(features.numbers), Values({0.3, -1, 1, -2, 4, 0, 0, 0, 0}));
  EXPECT_EQ(f.run(features.ones), Values({0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0,  //
                                          1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1,  //
                                          0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(absent_values(kGroups, likelihoods()), Values({-1, 0, 0, -1, -1, 0, -1}));
}

TEST(columns, samples_stand_in_the_order_of_columns) {
  Whole f(2000);
  const Values x = f.run(f.p->sample(f.scope));
  ASSERT_EQ(x.size(), 2000u * D);
  const double levels[] = {3, 0, 0, 2, 4, 2, 2};
  for (std::size_t d = 0; d < D; ++d) {
    double low = INFINITY, high = -INFINITY, whole_numbers = 0;
    for (std::size_t i = d; i < x.size(); i += D) {
      low = std::min(low, x[i]), high = std::max(high, x[i]);
      whole_numbers += x[i] == std::floor(x[i]);
    }
    const bool is_number = d == 1 || d == 2, is_bin = d == 3 || d == 4;
    EXPECT_EQ(whole_numbers, is_number || is_bin ? 0 : 2000) << d;
    if (is_number) continue;
    EXPECT_GE(low, 0) << d;
    EXPECT_LT(high, levels[d]) << d;
    EXPECT_GT(high, levels[d] - 1.0001) << d;
  }
}

TEST(columns, another_number_of_columns_is_refused) {
  EXPECT_THROW(TinyLikelihood(columns_likelihood(kGroups, likelihoods()), D + 1), Error);
  EXPECT_THROW(columns_likelihood({{{"normal", {}}, 0}}, likelihoods()), Error);
}

}  // namespace
}  // namespace diabolo::columns_test
