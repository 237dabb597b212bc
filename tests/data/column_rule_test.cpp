// The rule, line by line: what a column becomes.
#include <diabolo/base/random.h>
#include <diabolo/data/column_rule.h>
#include <diabolo/data/modes.h>

#include <algorithm>

#include "tables.h"

namespace diabolo {
namespace {

constexpr auto kReal = ColumnType::real;
constexpr auto kInteger = ColumnType::integer;

std::vector<double> normals(std::size_t count, std::uint64_t seed = 1) {
  RandomStream random({.seed = seed});
  return make_numbers(count, [&](std::size_t) { return random.normal(); });
}

TEST(ColumnRule, columns_without_a_value_or_with_one_are_left_out) {
  const ColumnSchema none = infer_numbers(kReal, std::vector<double>(30, kMissingCell));
  EXPECT_EQ(none.kind, Kind::constant);
  EXPECT_FALSE(none.used);
  EXPECT_EQ(none.why, "all missing");
  EXPECT_EQ(none.missing, 30);
  std::vector<double> ones(30, 1.5);
  ones[3] = kMissingCell;
  const ColumnSchema one = infer_numbers(kReal, ones);
  EXPECT_EQ(one.kind, Kind::constant);
  EXPECT_EQ(one.why, "one value");
  EXPECT_EQ(infer_texts({"a", "a", std::nullopt}).kind, Kind::constant);
  EXPECT_EQ(infer_texts({std::nullopt, std::nullopt}).why, "all missing");
}

TEST(ColumnRule, text_that_differs_in_nearly_every_row_is_an_identifier) {
  std::vector<std::optional<std::string>> values;
  for (int i = 0; i < 100; ++i) values.push_back(fmt::format("name {}", i < 96 ? i : 0));
  EXPECT_EQ(infer_texts(values).kind, Kind::identifier);
  EXPECT_EQ(infer_texts(values, {.kinds = {{"x", "categorical"}}}).kind, Kind::categorical);
  values[10] = values[11] = "name 0";
  EXPECT_EQ(infer_texts(values).kind, Kind::categorical);
  values.resize(19);
  EXPECT_EQ(infer_texts(values).kind, Kind::categorical);
}

TEST(ColumnRule, numbers_of_rows_are_identifiers_and_measurements_that_differ_are_not) {
  const auto rising =
      make_numbers(500, [](std::size_t i) { return 1000.0 + 7.0 * static_cast<double>(i * i); });
  EXPECT_EQ(infer_numbers(kInteger, rising).kind, Kind::identifier);
  const auto shuffled =
      make_numbers(500, [](std::size_t i) { return static_cast<double>(i * 7 % 500); });
  EXPECT_EQ(infer_numbers(kInteger, shuffled).kind, Kind::identifier);
  EXPECT_EQ(infer_numbers(kInteger, shuffled).why, "all values differ");
  const auto measured =
      make_numbers(500, [](std::size_t i) { return static_cast<double>(i * 7919 % 50'021); });
  EXPECT_EQ(infer_numbers(kInteger, measured).kind, Kind::count);
  EXPECT_EQ(infer_numbers(kInteger, rising, {.kinds = {{"x", "count"}}}).kind, Kind::count);
  EXPECT_TRUE(infer_numbers(kInteger, rising, {.likelihoods = {{"x", "normal"}}}).used);
  const auto times =
      make_numbers(500, [](std::size_t i) { return 3600.0 * static_cast<double>(i); });
  EXPECT_EQ(infer_numbers(ColumnType::timestamp, times).kind, Kind::datetime);
  EXPECT_EQ(
      infer_numbers(kReal,
                    make_numbers(500, [](std::size_t i) { return 0.1 * static_cast<double>(i); }))
          .kind,
      Kind::continuous);
}

TEST(ColumnRule, identifiers_are_seen_in_many_rows_too) {
  const auto shuffled =
      make_numbers(200'003, [](std::size_t i) { return static_cast<double>(i * 7919 % 200'003); });
  EXPECT_EQ(infer_numbers(kInteger, shuffled).kind, Kind::identifier);
  const auto repeated = make_numbers(
      200'003, [](std::size_t i) { return static_cast<double>(i * 7919 % 200'003 / 2); });
  EXPECT_EQ(infer_numbers(kInteger, repeated).kind, Kind::count);
}

TEST(ColumnRule, two_values_are_bernoulli) {
  const ColumnSchema truth = infer_numbers(ColumnType::boolean, {0, 1, 1, kMissingCell});
  EXPECT_EQ(truth.kind, Kind::boolean);
  EXPECT_EQ(truth.likelihood, (ComponentChoice{"bernoulli", {}}));
  const ColumnSchema numbers = infer_numbers(kInteger, {5, 2, 5, 5});
  EXPECT_EQ(numbers.kind, Kind::binary);
  EXPECT_EQ(numbers.values, (std::vector<double>{2, 5}));
  EXPECT_EQ(numbers.counts, (std::vector<std::int64_t>{1, 3}));
  const ColumnSchema text = infer_texts({"no", "yes", "yes"});
  EXPECT_EQ(text.kind, Kind::binary);
  EXPECT_EQ(text.levels, (std::vector<std::string>{"yes", "no"}));
  EXPECT_EQ(text.likelihood.type, "bernoulli");
}

TEST(ColumnRule, text_is_categorical_most_frequent_first) {
  const ColumnSchema c = infer_texts({"b", "c", "a", "c", std::nullopt, "b", "c"});
  EXPECT_EQ(c.kind, Kind::categorical);
  EXPECT_EQ(c.levels, (std::vector<std::string>{"c", "b", "a"}));
  EXPECT_EQ(c.counts, (std::vector<std::int64_t>{3, 2, 1}));
  EXPECT_EQ(c.missing, 1);
  EXPECT_EQ(c.likelihood, (ComponentChoice{"categorical", {{"levels", "3"}}}));
}

TEST(ColumnRule, numbers_of_few_values_have_levels_in_their_order) {
  const auto of = [](std::size_t rows, std::size_t values) {
    return infer_numbers(kInteger, make_numbers(rows, [&](std::size_t i) {
                           return 2.0 * static_cast<double>(i * 7 % values);
                         }));
  };
  const ColumnSchema c = of(60, 12);
  EXPECT_EQ(c.kind, Kind::count);
  EXPECT_EQ(c.code.form, ColumnCode::levels);
  EXPECT_EQ(c.values.size(), 12u);
  EXPECT_EQ(c.values[3], 6);
  EXPECT_EQ(c.likelihood, (ComponentChoice{"categorical", {{"levels", "12"}}}));
  EXPECT_EQ(of(59, 12).likelihood.type, "student");
  EXPECT_EQ(of(64, 13).likelihood.type, "student");
  EXPECT_EQ(of(6400, 128).likelihood.type, "categorical");
  EXPECT_EQ(of(6399, 128).likelihood.type, "bins");
  EXPECT_EQ(of(9000, 129).likelihood.type, "bins");
  EXPECT_EQ(
      infer_numbers(
          kReal, make_numbers(60, [](std::size_t i) { return 1.5 * static_cast<double>(i % 3); }))
          .kind,
      Kind::continuous);
}

TEST(ColumnRule, many_rows_on_a_lattice_have_bins) {
  const auto x = normals(5000);
  const auto rounded = [&](double units) {
    return make_numbers(x.size(), [&](std::size_t i) { return std::round(x[i] * 1000) / units; });
  };
  const ColumnSchema whole = infer_numbers(kInteger, rounded(1));
  EXPECT_EQ(whole.likelihood.type, "bins");
  EXPECT_EQ(whole.code.step, 1);
  EXPECT_EQ(whole.why, "whole numbers");
  EXPECT_EQ(to_string(whole.likelihood.settings.at("levels")), std::to_string(whole.level_count()));
  EXPECT_NEAR(static_cast<double>(whole.level_count()), 128, 3);
  const ColumnSchema decimals = infer_numbers(kReal, rounded(100));
  EXPECT_EQ(decimals.likelihood.type, "bins");
  EXPECT_EQ(decimals.code.step, 0.01);
  EXPECT_EQ(decimals.decimals, 2);
  EXPECT_EQ(decimals.why, "2 decimals");
  EXPECT_EQ(infer_numbers(kReal, x).likelihood.type, "normal");
}

TEST(ColumnRule, spikes_and_very_heavy_tails_have_bins) {
  auto x = normals(5000);
  for (std::size_t i = 0; i < x.size(); i += 80) x[i] = 0.123456789;
  const ColumnSchema spike = infer_numbers(kReal, x);
  EXPECT_EQ(spike.likelihood.type, "bins");
  EXPECT_EQ(spike.code.step, 0);
  EXPECT_EQ(spike.why, "1 % of rows at 0.123457");
  auto heavy = normals(5000);
  for (double& value : heavy) value = value * value * value * value * value;
  EXPECT_EQ(infer_numbers(kReal, heavy).likelihood.type, "bins");
  heavy.resize(1999);
  EXPECT_EQ(infer_numbers(kReal, heavy).likelihood.type, "student");
}

TEST(ColumnRule, few_rows_have_bins_where_no_bell_can_stand_for_them) {
  for (const std::size_t rows : {100u, 200u, 1000u, 5000u}) {
    auto spike = normals(rows), modes = normals(rows), bell = normals(rows), even = normals(rows);
    RandomStream random({.seed = 3});
    for (std::size_t i = 0; i < rows; ++i) {
      if (i % 10 == 0) spike[i] = 0.123456789;
      modes[i] = 0.4 * modes[i] + (i % 3 == 0 ? 4 : 0);
      even[i] = random.uniform();
    }
    EXPECT_EQ(infer_numbers(kReal, spike).why, "10 % of rows at 0.123457") << rows;
    EXPECT_EQ(infer_numbers(kReal, modes).why, "several modes") << rows;
    for (const auto& one_mode : {bell, even})
      EXPECT_NE(infer_numbers(kReal, one_mode).likelihood.type, "bins") << rows;
    for (double& value : modes) value = std::exp(value);
    EXPECT_EQ(infer_numbers(kReal, modes).why, "several modes") << rows;
  }
  auto rounded = normals(200);  // a value of many rows that does not stand out
  for (double& value : rounded) value = std::round(4 * value) * 0.2512345;
  EXPECT_NE(infer_numbers(kReal, rounded).likelihood.type, "bins");
  auto holes = normals(300);
  for (std::size_t i = 0; i < holes.size(); ++i)
    holes[i] = i % 4 == 0 ? kMissingCell : i % 4 == 1 ? 0.123456789 : holes[i];
  EXPECT_NE(infer_numbers(kReal, holes).likelihood.type, "bins");
  auto spike = normals(99);
  std::fill_n(spike.begin(), 50, 1.5);
  EXPECT_NE(infer_numbers(kReal, spike).likelihood.type, "bins");
}

TEST(ColumnRule, few_peaks_of_noise_are_no_modes) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream random({.seed = seed});
    std::vector<double> x;
    for (int i = 0; i < 200; ++i) x.push_back(seed % 2 ? random.normal() : random.uniform());
    std::ranges::sort(x);
    found += has_several_modes(x);
  }
  EXPECT_LE(found, 2);
}

TEST(ColumnRule, skewed_numbers_above_zero_are_modelled_by_their_logarithm) {
  auto x = normals(1000);
  for (double& value : x) value = std::exp(2 + value);
  const ColumnSchema c = infer_numbers(kReal, x);
  EXPECT_EQ(c.kind, Kind::positive);
  EXPECT_EQ(c.code.form, ColumnCode::log);
  EXPECT_EQ(c.likelihood.type, "normal");
  EXPECT_NEAR(c.code.shift, 2, 0.1);
  EXPECT_NEAR(c.code.scale, 1, 0.1);
  const ColumnSchema plain = infer_numbers(kReal, x, {.kinds = {{"x", "continuous"}}});
  EXPECT_EQ(plain.code.form, ColumnCode::linear);
  for (const double low : {0.0, 1e-300}) {  // no logarithm, or one that is further out than all
    x[0] = low;
    EXPECT_EQ(infer_numbers(kReal, x).code.form, ColumnCode::linear);
  }
}

TEST(ColumnRule, heavy_tails_are_students_and_scaled_by_quartiles) {
  RandomStream random({.seed = 2});
  const auto x = make_numbers(1900, [&](std::size_t) {  // Student's t of three degrees of freedom
    const double n = random.normal();
    double chi = 0;
    for (int i = 0; i < 3; ++i) chi += std::pow(random.normal(), 2);
    return 5 + n / std::sqrt(chi / 3);
  });
  const ColumnSchema c = infer_numbers(kReal, x);
  EXPECT_EQ(c.likelihood, (ComponentChoice{"student", {}}));
  EXPECT_NEAR(c.code.shift, 5, 0.1);
  EXPECT_NEAR(c.code.scale, 1.134, 0.1);  // its quartiles are at 0.765
}

TEST(ColumnRule, a_scale_varies_by_row_where_many_values_are_missing_and_many_are_not) {
  const auto with_holes = [](std::size_t rows, std::size_t missing) {
    auto x = normals(rows);
    for (std::size_t i = 0; i < missing; ++i) x[i] = kMissingCell;
    return x;
  };
  const ComponentChoice normal{"normal", {}}, student{"student", {}},
      by_row{"student", {{"per", "row"}}};
  EXPECT_EQ(infer_numbers(kReal, with_holes(750, 0)).likelihood, normal);
  EXPECT_EQ(infer_numbers(kReal, with_holes(749, 0)).likelihood, student) << "few rows";
  EXPECT_EQ(infer_numbers(kReal, with_holes(1000, 199)).likelihood, normal);
  EXPECT_EQ(infer_numbers(kReal, with_holes(1000, 200)).likelihood, by_row);
  EXPECT_EQ(infer_numbers(kReal, with_holes(1000, 300)).likelihood, student) << "few values";
  const SchemaRequest asked{.likelihoods = {{"x", "student"}}};
  EXPECT_EQ(infer_numbers(kReal, with_holes(1000, 200), asked).likelihood, by_row);
  EXPECT_EQ(infer_numbers(kReal, with_holes(1000, 0), asked).likelihood, student);
}

TEST(ColumnRule, shares_that_touch_both_ends_are_bounded) {
  RandomStream random({.seed = 2});
  auto x = make_numbers(500, [&](std::size_t) { return random.uniform(); });
  EXPECT_EQ(infer_numbers(kReal, x).kind, Kind::continuous);
  x[3] = 0;
  x[4] = 1;
  EXPECT_EQ(infer_numbers(kReal, x).kind, Kind::bounded);
  for (double& value : x) value *= 100;
  EXPECT_EQ(infer_numbers(kReal, x).kind, Kind::bounded);
}

TEST(ColumnRule, dates_lie_on_their_lattice) {
  RandomStream random({.seed = 2});
  const auto times = [&](double unit) {
    return make_numbers(500, [&](std::size_t) {
      return 1.6e9 - std::fmod(1.6e9, 86400) + unit * std::floor(random.uniform() * 1e5);
    });
  };
  for (const double unit : {86400.0, 3600.0, 60.0, 1.0}) {
    const ColumnSchema c = infer_numbers(ColumnType::timestamp, times(unit));
    EXPECT_EQ(c.kind, Kind::datetime);
    EXPECT_EQ(c.code.step, unit);
    EXPECT_EQ(c.code.form, ColumnCode::linear);
  }
  EXPECT_EQ(infer_numbers(ColumnType::timestamp, times(0.125)).code.step, 0);
}

TEST(ColumnRule, multiples_of_ten_are_a_lattice_if_many_rows_say_so) {
  RandomStream random({.seed = 2});
  const auto x =
      make_numbers(3000, [&](std::size_t) { return 10 * std::floor(random.uniform() * 1e4); });
  EXPECT_EQ(infer_numbers(kInteger, x).code.step, 10);
  EXPECT_EQ(infer_numbers(kInteger, {x.begin(), x.begin() + 900}).code.step, 1);
}

TEST(ColumnRule, likelihoods_that_are_asked_for_get_the_code_they_need) {
  RandomStream random({.seed = 2});
  const auto x = make_numbers(300, [&](std::size_t) { return std::floor(random.uniform() * 1e4); });
  const auto with = [&](const std::string& likelihood) {
    return infer_numbers(kInteger, x, {.likelihoods = {{"x", likelihood}}});
  };
  EXPECT_EQ(with("bins").code.form, ColumnCode::bins);
  EXPECT_NEAR(static_cast<double>(with("bins").level_count()), 15, 2);
  EXPECT_EQ(with("categorical").code.form, ColumnCode::levels);
  EXPECT_EQ(with("gamma").likelihood.type, "gamma");
  EXPECT_EQ(with("gamma").why, "as asked");
  const ColumnSchema names = infer_numbers(kInteger, x, {.kinds = {{"x", "categorical"}}});
  EXPECT_EQ(names.kind, Kind::categorical);
  EXPECT_EQ(names.level_count(), static_cast<std::int64_t>(names.values.size()));
}

TEST(ColumnRule, tiny_and_huge_numbers_have_scales_above_zero) {
  for (const double unit : {1e-300, 1e-30, 1e49}) {
    auto x = normals(100);
    for (double& value : x) value *= unit;
    const ColumnSchema c = infer_numbers(kReal, x);
    EXPECT_GT(c.code.scale, 0);
    EXPECT_TRUE(std::isfinite(c.code.scale) && std::isfinite(c.code.shift));
  }
}

}  // namespace
}  // namespace diabolo
