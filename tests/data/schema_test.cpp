// The groups and names of a schema, and inference as a whole: what is asked for, what is refused,
// and that nothing depends on how rows come.
#include <diabolo/base/random.h>
#include <diabolo/data/schema.h>

#include "tables.h"

namespace diabolo {
namespace {

ColumnSchema column(std::string name, std::string likelihood, int levels = 0) {
  ColumnSchema c{.field = {.name = std::move(name)}, .likelihood = {std::move(likelihood), {}}};
  if (levels == 0) return c;
  c.likelihood.settings["levels"] = std::to_string(levels);
  c.code.form = ColumnCode::levels;
  for (int i = 0; i < levels; ++i) c.values.push_back(i);
  return c;
}

TEST(Schema, cells_are_grouped_by_likelihood_and_by_the_number_of_levels) {
  Schema schema;
  schema.columns = {column("a", "categorical", 5), column("b", "normal"),
                    column("c", "bernoulli"),      column("d", "categorical", 2),
                    column("e", "gamma"),          column("f", "normal"),
                    column("g", "student"),        column("h", "categorical", 5)};
  schema.columns.push_back(column("i", "normal"));
  schema.columns.back().used = false;
  const std::vector<CellGroup> groups = cell_groups(schema);
  ASSERT_EQ(groups.size(), 5u);
  const std::vector<std::vector<int>> columns{{1, 5}, {6}, {4}, {2}, {3, 0, 7}};
  const std::vector<std::string> types{"normal", "student", "gamma", "bernoulli", "categorical"};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    EXPECT_EQ(groups[i].columns, columns[i]);
    EXPECT_EQ(groups[i].likelihood.type, types[i]);
  }
  EXPECT_EQ(to_string(groups[4].likelihood.settings.at("levels")), "2,5,5");
}

TEST(Schema, other_settings_make_other_groups) {
  Schema schema;
  schema.columns = {column("a", "normal"), column("b", "normal")};
  schema.columns[1].likelihood.settings["scale"] = 0.5;
  EXPECT_EQ(cell_groups(schema).size(), 2u);
}

TEST(Schema, kinds_have_names_and_back) {
  for (const std::string& text : kind_names()) {
    Kind kind{};
    EXPECT_TRUE(kind_named(text, kind));
    EXPECT_EQ(name(kind), text);
  }
  Kind kind{};
  EXPECT_FALSE(kind_named("text", kind));
}

TEST(SchemaBuilder, whole_numbers_that_are_no_longer_exact_are_told_once) {
  const auto told = [](ColumnType type, double largest, const SchemaRequest& request = {}) {
    const Warnings warnings;
    MemoryTable table;
    std::vector<double> values(6000);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = i % 3 == 0 ? -largest : static_cast<double>(i % 50);
    table.add("a", ColumnType::real, std::vector<double>(values.size(), 0.5))
        .add("b", type, values);
    table.numbers[0][7] = 1;
    SchemaBuilder builder(table.fields, request);
    builder.add(table.chunk(0, 3000));
    builder.add(table.chunk(3000, 3000));
    builder.finish();
    return warnings.texts;
  };
  const auto lines = told(ColumnType::integer, 0x1p53 + 2);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("column 'b' has whole numbers beyond 2^53"), std::string::npos);
  EXPECT_NE(lines[0].find("--kind b=categorical"), std::string::npos);
  EXPECT_EQ(told(ColumnType::integer, 0x1p53).size(), 0u);
  EXPECT_EQ(told(ColumnType::real, 0x1p60).size(), 0u);
  EXPECT_EQ(told(ColumnType::integer, 0x1p60, {.drop = {"b"}}).size(), 0u);
}

MemoryTable mixed(std::size_t rows) {
  RandomStream random({.seed = 1});
  std::vector<double> real(rows), whole(rows), spiky(rows), times(rows);
  std::vector<std::optional<std::string>> names(rows), ids(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    real[i] = random.uniform() < 0.1 ? kMissingCell : random.normal() * 3 + 1e6;
    whole[i] = std::floor(random.uniform() * 3000);
    spiky[i] = random.uniform() < 0.3 ? 0 : std::exp(random.normal());
    times[i] = 86400 * std::floor(random.uniform() * 900);
    names[i] = std::string(1, static_cast<char>('a' + random.below(7)));
    if (random.uniform() < 0.2) names[i].reset();
    ids[i] = fmt::format("row {}", i);
  }
  MemoryTable table;
  table.add("real", ColumnType::real, real).add("whole", ColumnType::integer, whole);
  table.add("spiky", ColumnType::real, spiky).add("day", ColumnType::date, times);
  table.add("name", names).add("id", ids);
  return table;
}

TEST(SchemaBuilder, nothing_depends_on_how_rows_come_in_chunks) {
  const MemoryTable table = mixed(5000);
  const Schema whole = infer(table, {}, 5000);
  for (const std::size_t size : {1, 7, 1024, 1500}) {
    const Schema parts = infer(table, {}, size);
    EXPECT_EQ(parts.rows, 5000);
    for (std::size_t i = 0; i < whole.columns.size(); ++i) {
      const ColumnSchema &a = whole.columns[i], &b = parts.columns[i];
      EXPECT_EQ(a.kind, b.kind);
      EXPECT_EQ(a.why, b.why);
      EXPECT_EQ(a.likelihood, b.likelihood);
      EXPECT_EQ(a.missing, b.missing);
      EXPECT_EQ(a.levels, b.levels);
      EXPECT_EQ(a.counts, b.counts);
      EXPECT_EQ(a.code.edges, b.code.edges);
      EXPECT_EQ(a.code.shift, b.code.shift);
      EXPECT_EQ(a.code.scale, b.code.scale);
    }
  }
}

TEST(SchemaBuilder, a_table_of_mixed_columns_is_seen_as_what_it_is) {
  const Schema schema = infer(mixed(5000));
  const std::vector<std::string> likelihoods{"normal", "bins", "bins", "bins", "categorical", ""};
  const std::vector<Kind> kinds{Kind::continuous, Kind::count,       Kind::continuous,
                                Kind::datetime,   Kind::categorical, Kind::identifier};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(schema.columns[i].kind, kinds[i]) << schema.columns[i].field.name;
    EXPECT_EQ(schema.columns[i].likelihood.type, likelihoods[i]) << schema.columns[i].field.name;
  }
  EXPECT_EQ(schema.columns[3].code.step, 86400);
  EXPECT_NEAR(schema.columns[0].code.shift, 1e6, 0.3);
  EXPECT_NEAR(schema.columns[0].code.scale, 3, 0.1);
  EXPECT_NEAR(static_cast<double>(schema.columns[0].missing), 500, 80);
  EXPECT_FALSE(schema.columns[5].used);
}

TEST(SchemaBuilder, what_is_asked_for_wins) {
  const MemoryTable table = mixed(3000);
  const Schema schema = infer(table, {.kinds = {{"id", "categorical"}, {"whole", "continuous"}},
                                      .likelihoods = {{"spiky", "student"}},
                                      .drop = {"day"}});
  EXPECT_TRUE(schema.columns[5].used);
  EXPECT_EQ(schema.columns[5].level_count(), 3000);
  EXPECT_EQ(schema.columns[1].kind, Kind::continuous);
  EXPECT_EQ(schema.columns[2].likelihood.type, "student");
  EXPECT_EQ(schema.columns[2].code.form, ColumnCode::linear);
  EXPECT_FALSE(schema.columns[3].used);
  EXPECT_EQ(schema.columns[3].why, "as asked");
}

TEST(SchemaBuilder, a_schema_from_a_file_is_taken_and_the_command_line_goes_before_it) {
  const MemoryTable table = mixed(3000);
  Schema given = infer(table);
  given.columns[0].used = false;
  given.columns[1].likelihood = {"student", {}};
  given.columns[4].used = false;
  given.columns.erase(given.columns.begin() + 2);
  const Schema schema =
      infer(table, {.kinds = {{"name", "categorical"}, {"day", "categorical"}}, .given = &given});
  EXPECT_FALSE(schema.columns[0].used);
  EXPECT_EQ(schema.columns[1].kind, Kind::count);
  EXPECT_EQ(schema.columns[1].likelihood.type, "student");
  EXPECT_EQ(schema.columns[2].likelihood.type, "bins");         // not in the file
  EXPECT_EQ(schema.columns[3].likelihood.type, "categorical");  // and not bins, as in the file
  EXPECT_TRUE(schema.columns[4].used);
  EXPECT_EQ(schema.columns[5].kind, Kind::identifier);
  EXPECT_FALSE(schema.columns[5].used);
}

TEST(SchemaBuilder, a_schema_given_as_it_was_inferred_gives_the_same_again) {
  RandomStream random({.seed = 3});
  MemoryTable table = mixed(3000);
  table.add("sums", ColumnType::integer, make_numbers(3000, [&](std::size_t) {
              return std::floor(std::exp(9 + random.normal()));
            }));
  table.numbers.back().resize(3000);
  const Schema first = infer(table);
  const Schema again = infer(table, {.given = &first});
  for (std::size_t i = 0; i < first.columns.size(); ++i) {
    EXPECT_EQ(first.columns[i].kind, again.columns[i].kind);
    EXPECT_EQ(first.columns[i].likelihood, again.columns[i].likelihood);
    EXPECT_EQ(first.columns[i].code.form, again.columns[i].code.form);
    EXPECT_EQ(first.columns[i].code.edges, again.columns[i].code.edges);
    EXPECT_EQ(first.columns[i].code.scale, again.columns[i].code.scale);
  }
}

TEST(SchemaBuilder, names_of_requests_must_be_there) {
  const MemoryTable table = mixed(100);
  const auto refuse = [&](const SchemaRequest& request, const std::string& part) {
    expect_error(ErrorCode::invalid_argument, part,
                 [&] { SchemaBuilder builder(table.fields, request); });
  };
  refuse({.kinds = {{"reel", "count"}}}, "got 'reel'; did you mean 'real'?");
  refuse({.kinds = {{"real", "number"}}}, "a kind for column 'real', got 'number'");
  refuse({.likelihoods = {{"x", "normal"}}}, "to give a likelihood, got 'x'");
  refuse({.drop = {"wholly"}}, "to drop, got 'wholly'");
  refuse({.kinds = {{"day", "count"}}}, "that date values can have");
  refuse({.kinds = {{"real", "datetime"}}}, "that real values can have");
  refuse({.kinds = {{"real", "constant"}}}, "--drop real");
  refuse({.likelihoods = {{"name", "normal"}}}, "of text values, got 'normal'");
  refuse({.kinds = {{"whole", "categorical"}}, .likelihoods = {{"whole", "bins"}}},
         "of kind categorical, got 'bins'");
  refuse({.kinds = {{"whole", "identifier"}}, .likelihoods = {{"whole", "bins"}}}, "left out");
  Schema given;
  given.columns.push_back({.field = {.name = "gone"}});
  refuse({.given = &given}, "in the schema that was given, got 'gone'");
}

TEST(SchemaBuilder, requests_that_the_values_do_not_allow_are_refused) {
  const MemoryTable table = mixed(100);
  const auto refuse = [&](const SchemaRequest& request, const std::string& part) {
    expect_error(ErrorCode::invalid_argument, part, [&] { infer(table, request); });
  };
  refuse({.kinds = {{"spiky", "positive"}}}, "above 0 in column 'spiky' of kind positive, got 0");
  refuse({.kinds = {{"real", "count"}}}, "whole numbers in column 'real'");
  refuse({.kinds = {{"name", "binary"}}}, "two different values in column 'name', got 7");
  refuse({.likelihoods = {{"whole", "bernoulli"}}}, "two different values in column 'whole'");
  refuse({.drop = {"real", "whole", "spiky", "day", "name"}}, "expected a column to model");
}

TEST(SchemaBuilder, text_that_is_to_be_a_number_is_named_with_its_row) {
  MemoryTable table;
  table.add("x", {"1", std::nullopt, "2.5", "?", "many"});
  for (const std::size_t size : {1, 5})
    expect_error(ErrorCode::invalid_argument, "for kind continuous, got '?' in row 3",
                 [&] { infer(table, {.kinds = {{"x", "continuous"}}}, size); });
  table.texts[0].resize(3);
  expect_error(ErrorCode::invalid_argument, "that text values can have",
               [&] { infer(table, {.kinds = {{"x", "continuous"}}}); });
}

TEST(SchemaBuilder, infinities_are_named_with_the_first_row_and_its_column) {
  MemoryTable table;
  table.add("a", ColumnType::real, {1, 2, 3, INFINITY, 5});
  table.add("b", ColumnType::real, {1, 2, -INFINITY, 3, 5});
  table.add("c", ColumnType::real, {1, INFINITY, 2, 3, 5});
  for (const std::size_t size : {1, 2, 5})
    expect_error(ErrorCode::not_finite, "got -inf in row 2 of column 'b'",
                 [&] { infer(table, {.drop = {"c"}}, size); });
  table.numbers[1][2] = 1e300;
  expect_error(ErrorCode::not_finite, "got 1e+300 in row 2 of column 'b'",
               [&] { infer(table, {.drop = {"c"}}); });
}

TEST(SchemaBuilder, two_columns_of_one_name_are_refused) {
  MemoryTable table;
  table.add("a", ColumnType::real, {1, 2}).add("a", ColumnType::real, {1, 2});
  expect_error(ErrorCode::invalid_argument, "got two named 'a'", [&] { infer(table); });
}

TEST(SchemaBuilder, ten_rows_are_enough_and_one_is_not) {
  MemoryTable table;
  table.add("x", ColumnType::real,
            make_numbers(10, [](std::size_t i) { return 0.7 * static_cast<double>(i); }));
  EXPECT_EQ(infer(table).columns[0].likelihood.type, "student");
  MemoryTable one;
  one.add("x", ColumnType::real, {1});
  expect_error(ErrorCode::invalid_argument, "('x': one value)", [&] { infer(one); });
}

TEST(SchemaBuilder, too_many_categories_are_refused_by_name_and_number) {
  std::vector<std::optional<std::string>> values;
  for (int i = 0; i < 400'000; ++i) values.push_back(fmt::format("{}", i % 200'000));
  expect_error(ErrorCode::invalid_argument, "at most 65536 different values in column 'x'",
               [&] { infer_texts(values); });
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = fmt::format("{}", i);
  EXPECT_EQ(infer_texts(values).kind, Kind::identifier);
  expect_error(ErrorCode::invalid_argument, "at most 65536 different values in column 'x'",
               [&] { infer_texts(values, {.kinds = {{"x", "categorical"}}}); });
}

TEST(SchemaBuilder, many_columns_share_the_levels_that_numbers_may_have) {
  const auto levels = [](std::size_t columns) {
    MemoryTable table;
    for (std::size_t i = 0; i < columns; ++i)
      table.add(fmt::format("x{}", i), ColumnType::integer,
                make_numbers(3000, [&](std::size_t row) {
                  return static_cast<double>((row * 7 + i) % 50);
                }));
    std::int64_t sum = 0;
    for (const ColumnSchema& column : infer(table).columns) sum += column.level_count();
    return sum;
  };
  EXPECT_EQ(levels(20), 20 * 50);
  EXPECT_LE(levels(3000), kMostLevels);
}

TEST(SchemaBuilder, categories_of_all_columns_together_are_bounded) {
  MemoryTable table;
  for (const char* name : {"a", "b"}) {
    std::vector<std::optional<std::string>> values;
    for (int i = 0; i < 80'000; ++i) values.push_back(fmt::format("{}", i % 40'000));
    table.add(name, values);
  }
  expect_error(ErrorCode::invalid_argument,
               "65536 categories in all columns together, got 80000, most of them (40000)",
               [&] { infer(table); });
}

}  // namespace
}  // namespace diabolo
