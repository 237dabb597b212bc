// Missing cells are neutral in scores: a row looks neither normal nor odd for its holes, whatever
// the units of its columns, and thresholds hold for rows with as many holes as they came from.
#include <diabolo/apps/fit.h>
#include <diabolo/data/columns.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "apps/tables.h"

namespace diabolo {
namespace {

using testing::with_holes;

// Two numbers that depend on a third, all in these units, two words and an amount.
std::vector<Column> columns_in(double unit, std::int64_t rows, std::uint64_t seed) {
  RandomStream random({.seed = seed});
  std::vector<Column> columns{{"a"}, {"b"}, {"c"}, {"word"}, {"amount"}};
  for (std::int64_t i = 0; i < rows; ++i) {
    const double a = random.normal();
    columns[0].numbers.push_back(unit * (a + 0.001 * random.uniform()));
    columns[1].numbers.push_back(unit * (2 * a + 0.3 * random.normal()));
    columns[2].numbers.push_back(unit * (1 - a + 0.5 * random.normal()));
    columns[3].texts.emplace_back(random.uniform() < 0.5 + 0.3 * std::tanh(a) ? "yes" : "no");
    columns[4].numbers.push_back(unit * std::exp(random.normal()));
  }
  return columns;
}

FitOptions small_fit() {
  FitOptions options;
  options.latent = 2;
  options.hidden = {32};
  options.epochs = 30;
  options.batch_size = 64;
  options.learning_rate = 3e-3;
  options.threads = 1;
  return options;
}

double auroc(const std::vector<double>& low, const std::vector<double>& high) {
  double above = 0;
  for (const double x : low)
    for (const double y : high) above += x < y ? 1 : x == y ? 0.5 : 0;
  return above / static_cast<double>(low.size() * high.size());
}

TEST(Holes, are_neutral_in_scores_of_tables_in_any_unit) {
  for (const double unit : {1e-6, 1.0, 1e6}) {
    const Dataset data = make_table(columns_in(unit, 1500, 1));
    const Model model = fit(data, small_fit());
    const Dataset fresh = make_table(columns_in(unit, 600, 2), data.schema);
    const double area =
        auroc(model.score(fresh), model.score(with_holes(fresh.rows(0, fresh.size()), 0.3)));
    EXPECT_NEAR(area, 0.5, 0.08) << unit;
  }
}

TEST(Holes, do_not_move_the_threshold_of_a_share) {
  const Dataset data = with_holes(make_table(columns_in(1000, 4000, 1)), 0.3);
  const Model model = fit(data, small_fit());
  const Dataset fresh = with_holes(make_table(columns_in(1000, 1000, 2), data.schema), 0.3, 5);
  const double limit = model.score_threshold(0.2);
  const std::vector<double> scores = model.score(fresh);
  EXPECT_NEAR(
      static_cast<double>(std::ranges::count_if(scores, [&](double x) { return x > limit; })) /
          1000,
      0.2, 0.07);
}

// Equal rows have equal noise, so a row that is there many times must score in the reference as it
// will score later, whatever the seed of the fit.
TEST(Holes, do_not_move_the_threshold_where_a_row_stands_many_times) {
  std::vector<Column> columns = columns_in(1, 1500, 1);
  for (Column& column : columns)
    for (std::size_t i = 0; i < 750; ++i)
      if (column.texts.empty())
        column.numbers[2 * i] = column.numbers[0];
      else
        column.texts[2 * i] = column.texts[0];
  const Dataset data = make_table(columns);
  FitOptions options = small_fit();
  options.seed = 5;
  const Model model = fit(data, options);
  const std::vector<double> scores = model.score(data);
  const double often = scores[0];  // of half of the rows
  const std::vector<double>& known = model.data().score_reference.quantiles;
  const auto same =
      std::ranges::count_if(known, [&](double x) { return std::abs(x - often) < 1e-3; });
  EXPECT_GE(same, std::ssize(known) / 3);
}

}  // namespace
}  // namespace diabolo
