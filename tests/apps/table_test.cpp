// Models of tables in use: what each column gives back when it is missing, and alone.
#include <gtest/gtest.h>

#include "apps/small.h"
#include "apps/tables.h"

namespace diabolo::table_test {
namespace {

using testing::cell_of;
using testing::MixedTable;
using testing::with_holes;

FitOptions options() {
  return {.latent = 2,
          .hidden = {64},
          .epochs = 90,
          .patience = 0,
          .batch_size = 64,
          .learning_rate = 5e-3,
          .schedule = "cosine",
          .threads = 1};
}

// Fitted once for all tests.
const Model& model() {
  static const Model m = fit(with_holes(MixedTable(1500).data(), 0.05), options());
  return m;
}
const Dataset& fresh() {
  static const Dataset data = [] {
    const MixedTable rows(200, 2);
    return testing::dataset_of(rows.table, std::make_shared<const Schema>(model().data().schema));
  }();
  return data;
}
// The fresh rows without one column, and what that column was, in its own units.
Dataset without(const std::string& column) {
  Dataset data = fresh().rows(0, fresh().size());
  const auto D = static_cast<std::size_t>(data.dimensions());
  for (std::size_t at = cell_of(data, column); at < data.values.as<float>().size(); at += D)
    data.values.as<float>()[at] = std::numeric_limits<float>::quiet_NaN();
  return data;
}
std::vector<double> truth(const std::string& column) {
  const MixedTable rows(200, 2);
  for (std::size_t i = 0; i < rows.table.fields.size(); ++i)
    if (rows.table.fields[i].name == column) return rows.table.numbers[i];
  return {};
}
std::vector<double> column_of(const Tensor& values, std::size_t d) {
  std::vector<double> column;
  for (std::size_t at = d; at < values.as<double>().size();
       at += static_cast<std::size_t>(values.row_size()))
    column.push_back(values.as<double>()[at]);
  return column;
}
double mean_error(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += std::abs(a[i] - b[i]) / static_cast<double>(a.size());
  return sum;
}

TEST(TableImpute, numbers_are_means_near_the_truth) {
  for (const auto& [column, tolerance] :
       {std::pair{"x", 0.15}, {"weight", 1.5}, {"share", 0.3}, {"stars", 0.4}}) {
    const Imputation i = model().impute(without(column), {.samples = 200});
    EXPECT_LT(mean_error(column_of(i.values, cell_of(fresh(), column)), truth(column)), tolerance)
        << column;
  }
}

TEST(TableImpute, categories_are_the_likeliest_and_their_uncertainty_is_of_another_one) {
  const Schema& schema = model().data().schema;
  for (const std::string column : {"colour", "zip", "flag"}) {
    const std::size_t d = cell_of(fresh(), column);
    const Imputation i = model().impute(without(column), {.samples = 200, .uncertainty = true});
    const std::vector<double> got = column_of(i.values, d), unsure = column_of(i.uncertainty, d);
    double right = 0, doubt = 0;
    for (std::size_t row = 0; row < got.size(); ++row) {
      const float cell = fresh().values.as<float>()[row * fresh().columns.size() + d];
      const ColumnSchema& c = schema.columns[static_cast<std::size_t>(schema.find(column))];
      const double expected =
          c.values.empty() ? static_cast<double>(cell) : c.values[static_cast<std::size_t>(cell)];
      right += got[row] == expected;
      doubt += unsure[row];
      EXPECT_GE(unsure[row], 0) << column;
      EXPECT_LE(unsure[row], 0.67) << column;
    }
    EXPECT_GT(right, 180) << column;
    EXPECT_NEAR(right / 200, 1 - doubt / 200, 0.08) << column << ": says how often it is wrong";
  }
}

TEST(TableImpute, uncertainty_of_a_number_is_its_spread_given_the_others) {
  const std::size_t d = cell_of(fresh(), "weight");
  const Imputation i = model().impute(without("weight"), {.samples = 200, .uncertainty = true});
  const std::vector<double> got = column_of(i.values, d), unsure = column_of(i.uncertainty, d),
                            was = truth("weight");
  double squares = 0, expected = 0;
  for (std::size_t row = 0; row < got.size(); ++row) {
    squares += (got[row] - was[row]) * (got[row] - was[row]) / 200;
    expected += unsure[row] * unsure[row] / 200;
  }
  EXPECT_GT(std::sqrt(squares / expected), 0.5);
  EXPECT_LT(std::sqrt(squares / expected), 1.5);
}

TEST(TableImpute, draws_are_values_of_their_columns_and_spread_as_much) {
  const Imputation i = model().impute(without("stars"), {.samples = 100, .draws = 3});
  const auto draws = i.draws.as<double>();
  const std::size_t D = fresh().columns.size(), d = cell_of(fresh(), "stars");
  std::set<double> seen;
  for (std::size_t at = d; at < draws.size(); at += D) seen.insert(draws[at]);
  EXPECT_EQ(seen, (std::set<double>{1, 2, 3, 5}));
}

// y is log-normal given x: its mean is exp(x + s^2 / 2), which is far above exp of the logarithm's.
TEST(TableImpute, the_mean_of_a_skewed_column_is_of_values_and_not_of_logarithms) {
  const double s = 0.8;
  const auto table = [&](std::size_t rows, std::uint64_t seed) {
    RandomStream random({.seed = seed});
    std::vector<double> x, y;
    for (std::size_t i = 0; i < rows; ++i) {
      x.push_back(random.normal());
      y.push_back(std::exp(x.back() + s * random.normal()));
    }
    MemoryTable made;
    made.add("x", ColumnType::real, x).add("y", ColumnType::real, y);
    return made;
  };
  const MemoryTable learned = table(1900, 1), asked = table(300, 2);
  const auto schema = std::make_shared<const Schema>(infer(learned));
  ASSERT_EQ(schema->columns[1].code.form, ColumnCode::log);
  FitOptions plain = options();
  plain.beta = 1;  // the density itself
  const Model m = fit(testing::dataset_of(learned, schema), plain);
  Dataset rows = testing::dataset_of(asked, schema);
  const std::size_t d = cell_of(rows, "y");
  for (std::size_t i = 0; i < 300; ++i)
    rows.values.as<float>()[2 * i + d] = std::numeric_limits<float>::quiet_NaN();
  const Imputation i = m.impute(rows, {.samples = 200, .draws = 2});
  double got = 0, expected = 0, median = 0;
  for (std::size_t row = 0; row < 300; ++row) {
    const double x = asked.numbers[0][row];
    if (std::abs(x) > 1.5) continue;
    got += i.values.as<double>()[2 * row + d];
    expected += std::exp(x + s * s / 2);
    median += std::exp(x);
  }
  EXPECT_NEAR(got / expected, 1, 0.12);
  EXPECT_GT(expected / median, 1.3);
  EXPECT_EQ(i.draws.shape(), Shape({300, 2, 2})) << "as many as were asked for";
}

TEST(TableImpute, means_and_draws_lie_in_the_range_of_training) {
  RandomStream random({.seed = 3});
  std::vector<double> x, share;
  for (int i = 0; i < 800; ++i) {
    x.push_back(random.normal());
    share.push_back(std::clamp(0.5 + 0.5 * x.back(), 0.0, 1.0));
  }
  MemoryTable table;
  table.add("x", ColumnType::real, x).add("share", ColumnType::real, share);
  const auto schema = std::make_shared<const Schema>(infer(table));
  ASSERT_EQ(schema->columns[1].kind, Kind::bounded);
  const Model m = fit(testing::dataset_of(table, schema), options());
  Dataset rows = testing::dataset_of(table, schema);
  const std::size_t d = cell_of(rows, "share");
  for (std::size_t i = 0; i < 800; ++i)
    rows.values.as<float>()[2 * i + d] = std::numeric_limits<float>::quiet_NaN();
  const Imputation i = m.impute(rows, {.samples = 50, .draws = 3});
  for (std::size_t row = 0; row < 800; ++row) {
    const double mean = i.values.as<double>()[2 * row + d];
    EXPECT_TRUE(mean >= 0 && mean <= 1) << mean;
    for (std::size_t k = 0; k < 3; ++k) {
      const double draw = i.draws.as<double>()[(row * 3 + k) * 2 + d];
      EXPECT_TRUE(draw >= 0 && draw <= 1) << draw;
    }
  }
}

TEST(TableImpute, observed_values_are_as_they_were) {
  const Dataset holes = with_holes(fresh().rows(0, 100), 0.3, 4);
  const Imputation i = model().impute(holes, {.samples = 32, .draws = 2});
  const std::size_t D = fresh().columns.size();
  for (const std::string column : {"x", "weight", "stars", "zip", "flag"}) {
    const std::size_t d = cell_of(fresh(), column);
    const std::vector<double> was = truth(column);
    for (std::size_t row = 0; row < 100; ++row) {
      const bool hole = std::isnan(holes.values.as<float>()[row * D + d]);
      const double got = i.values.as<double>()[row * D + d];
      EXPECT_FALSE(std::isnan(got));
      if (!hole && column != "x") {
        EXPECT_EQ(got, was[row]) << column << " " << row;
      }
      if (!hole) {
        EXPECT_NEAR(got, was[row], 1e-6) << column << " " << row;
      }
      for (std::size_t k = 0; k < 2; ++k)
        if (!hole) {
          EXPECT_EQ(i.draws.as<double>()[(row * 2 + k) * D + d], got);
        }
    }
  }
  for (const double effective : i.effective) {
    EXPECT_GE(effective, 1 - 1e-6);
    EXPECT_LE(effective, 32 + 1e-6);
  }
}

TEST(TableReconstruct, is_near_the_rows_in_cells_of_every_kind) {
  const Dataset seen = model().reconstruct(fresh());
  ASSERT_TRUE(seen.schema);
  TableChunk was, again;
  decode_cells(*fresh().schema, fresh().values.as<float>(), false, was);
  decode_cells(*seen.schema, seen.values.as<float>(), true, again);
  const double tolerance[] = {0.15, 0, 1.5, 0.3, 0.4, 15, 0.1};
  for (std::size_t c = 0; c < 7; ++c) {
    if (was.columns[c].text.empty()) {
      EXPECT_LT(mean_error(was.columns[c].numbers, again.columns[c].numbers), tolerance[c]) << c;
      continue;
    }
    double right = 0;
    for (std::size_t row = 0; row < 200; ++row)
      right += was.columns[c].text[row] == again.columns[c].text[row];
    EXPECT_GT(right, 180);
  }
}

TEST(TableSample, rows_have_the_shares_of_the_data) {
  const Dataset rows = model().sample(4000);
  TableChunk chunk;
  decode_cells(*rows.schema, rows.values.as<float>(), false, chunk);
  std::map<std::string_view, double> colours;
  for (const std::string_view name : chunk.columns[1].text) colours[name] += 1.0 / 4000;
  for (const char* name : {"red", "green", "blue"})
    EXPECT_NEAR(colours[name], 1.0 / 3, 0.05) << name;
  for (const double x : chunk.columns[2].numbers)
    ASSERT_EQ(x, std::round(10 * x) / 10) << "one decimal";
  std::set<double> stars(chunk.columns[4].numbers.begin(), chunk.columns[4].numbers.end());
  EXPECT_EQ(stars, (std::set<double>{1, 2, 3, 5}));
  double consistent = 0;
  for (std::size_t i = 0; i < 4000; ++i)
    consistent += (chunk.columns[0].numbers[i] > 0) == (chunk.columns[6].numbers[i] == 1);
  EXPECT_GT(consistent, 3700) << "columns go together";
}

// A standard normal of codes would fill what lies between the clusters.
TEST(TableSample, codes_are_drawn_as_those_of_the_data_lie) {
  RandomStream random({.seed = 8});
  std::vector<double> x, y;
  for (int i = 0; i < 1000; ++i) {
    const double centre = i % 2 == 0 ? -3 : 3;
    x.push_back(centre + 0.3 * random.normal());
    y.push_back(centre + 0.3 * random.normal());
  }
  MemoryTable table;
  table.add("x", ColumnType::real, x).add("y", ColumnType::real, y);
  const Model m =
      fit(testing::dataset_of(table, std::make_shared<const Schema>(infer(table))), options());
  const Dataset rows = m.sample(2000);
  TableChunk chunk;
  decode_cells(*rows.schema, rows.values.as<float>(), false, chunk);
  int between = 0;
  for (std::size_t i = 0; i < 2000; ++i)
    between +=
        std::abs(chunk.columns[0].numbers[i]) < 1.5 || std::abs(chunk.columns[1].numbers[i]) < 1.5;
  EXPECT_LT(between, 250);
}

TEST(TableSample, given_values_stand_and_the_others_follow) {
  Dataset given = fresh().rows(0, 100);
  const auto cells = given.values.as<float>();
  std::fill(cells.begin(), cells.end(), std::numeric_limits<float>::quiet_NaN());
  const std::size_t D = given.columns.size(), colour = cell_of(given, "colour"),
                    x = cell_of(given, "x");
  const ColumnSchema& schema =
      given.schema->columns[static_cast<std::size_t>(given.schema->find("colour"))];
  for (std::size_t level = 0; level < 3; ++level) {
    for (std::size_t row = 0; row < 100; ++row) cells[row * D + colour] = static_cast<float>(level);
    const Dataset rows = model().sample_given(given);
    TableChunk chunk;
    decode_cells(*rows.schema, rows.values.as<float>(), false, chunk);
    double inside = 0;
    std::set<double> different;
    const std::map<std::string, std::pair<double, double>> thirds = {
        {"red", {-2, -2.0 / 3}}, {"green", {-2.0 / 3, 2.0 / 3}}, {"blue", {2.0 / 3, 2}}};
    const auto [low, high] = thirds.at(schema.levels[level]);
    for (std::size_t row = 0; row < 100; ++row) {
      EXPECT_EQ(chunk.columns[1].text[row], schema.levels[level]);
      inside +=
          chunk.columns[0].numbers[row] > low - 0.2 && chunk.columns[0].numbers[row] < high + 0.2;
      different.insert(static_cast<double>(rows.values.as<float>()[row * D + x]));
    }
    EXPECT_GT(inside, 70) << schema.levels[level];
    EXPECT_GT(different.size(), 90u);
  }
}

TEST(TableEvaluate, there_is_no_mse_of_cells_without_a_common_unit) {
  const Evaluation e = model().evaluate(fresh(), {.samples = 20});
  EXPECT_FALSE(e.mse);
  EXPECT_TRUE(e.nll && std::isfinite(*e.nll));
  EXPECT_LT(*e.nll, -*e.elbo + 0.5) << "the bound is a bound";
}

TEST(TableEvaluate, masses_and_densities_add_up_and_dimensions_are_observed_cells) {
  const Evaluation whole = model().evaluate(fresh(), {.samples = 50});
  ASSERT_TRUE(whole.nll_discrete && whole.nll_continuous && whole.nll);
  EXPECT_NEAR(*whole.nll_discrete + *whole.nll_continuous, *whole.nll, 1e-9);
  EXPECT_GT(*whole.nll_discrete, 0) << "masses are below 1";
  EXPECT_FALSE(whole.bits_per_dim) << "x is a density";
  EXPECT_EQ(whole.dimensions, 7);
  const Dataset holes = with_holes(fresh().rows(0, 100), 0.3, 4);
  double observed = 0;
  for (const float x : holes.values.as<float>()) observed += x == x;
  EXPECT_DOUBLE_EQ(model().evaluate(holes).dimensions, observed / 100);
  EXPECT_FALSE(model().evaluate(fresh()).nll_discrete) << "one draw gives the bound only";
}

// In other units densities change, masses do not.
TEST(TableEvaluate, the_discrete_part_does_not_see_densities) {
  Dataset other = fresh().rows(0, 100);
  const std::size_t D = other.columns.size(), x = cell_of(other, "x"),
                    share = cell_of(other, "share");
  for (std::size_t row = 0; row < 100; ++row)
    other.values.as<float>()[row * D + x] = other.values.as<float>()[row * D + share] = 0.5f;
  const Evaluation a = model().evaluate(fresh().rows(0, 100), {.samples = 20});
  const Evaluation b = model().evaluate(other, {.samples = 20});
  EXPECT_NEAR(*a.nll_discrete, *b.nll_discrete, 1e-9);
  EXPECT_GT(*b.nll_continuous, *a.nll_continuous);
}

TEST(TableEvaluate, bits_are_of_tables_of_masses_alone) {
  MemoryTable table;
  std::vector<double> a, b;
  RandomStream random({.seed = 9});
  for (int i = 0; i < 400; ++i) {
    a.push_back(random.uniform() < 0.5);
    b.push_back(random.uniform() < 0.9 ? a.back() : 1 - a.back());
  }
  table.add("a", ColumnType::integer, a).add("b", ColumnType::integer, b);
  const Dataset data =
      with_holes(testing::dataset_of(table, std::make_shared<const Schema>(infer(table))), 0.2);
  const Evaluation e = fit(data, options()).evaluate(data, {.samples = 50});
  ASSERT_TRUE(e.bits_per_dim && e.nll_discrete);
  EXPECT_EQ(*e.nll_discrete, *e.nll);
  EXPECT_FALSE(e.nll_continuous);
  EXPECT_DOUBLE_EQ(*e.bits_per_dim, *e.nll / (e.dimensions * std::log(2.0)));
  EXPECT_LT(*e.bits_per_dim, 1) << "the two go together";
}

// A density in grams is a thousandth of one in kilograms: the Jacobian of each column is paid.
TEST(TableScore, changes_with_the_units_of_a_column_by_their_logarithm) {
  Dataset shifted = fresh().rows(0, 50);
  for (double& slope : shifted.log_slopes) slope -= std::log(1000);
  const std::vector<double> a = model().score(fresh().rows(0, 50)), b = model().score(shifted);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_NEAR(b[i] - a[i], std::log(1000), 1e-9);
}

}  // namespace
}  // namespace diabolo::table_test
