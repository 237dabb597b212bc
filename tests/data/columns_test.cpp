// Tables in memory, and columns of a dataset as values.
#include <diabolo/data/cells.h>
#include <diabolo/data/columns.h>

#include "tables.h"

namespace diabolo {
namespace {

const std::vector<Column> kThings{{"size", {0.5, 1.25, kMissingCell, 2, 7.75}},
                                  {"count", {1, 2, 3, 4, kMissingCell}},
                                  {"colour", {}, {"red", "green", "", "red", "blue"}}};

TEST(MakeTable, gives_back_the_values_of_its_columns) {
  const Dataset table = make_table(kThings);
  EXPECT_EQ(table.size(), 5);
  ASSERT_EQ(table.dimensions(), 3);
  for (const Column& was : kThings) {
    const Column is = column(table, was.name);
    EXPECT_EQ(is.name, was.name);
    EXPECT_EQ(is.texts, was.texts);
    ASSERT_EQ(is.numbers.size(), was.numbers.size());
    for (std::size_t i = 0; i < was.numbers.size(); ++i) {
      EXPECT_EQ(std::isnan(is.numbers[i]), std::isnan(was.numbers[i])) << was.name << i;
      if (std::isnan(was.numbers[i])) continue;
      EXPECT_NEAR(is.numbers[i], was.numbers[i], 1e-6) << was.name << i;
    }
  }
}

TEST(MakeTable, takes_whole_numbers_for_integers_as_a_file_does) {
  const Dataset table = make_table(kThings);
  const auto type = [&](const char* name) {
    return table.schema->columns[static_cast<std::size_t>(table.schema->find(name))].field.type;
  };
  EXPECT_EQ(type("size"), ColumnType::real);
  EXPECT_EQ(type("count"), ColumnType::integer);
  EXPECT_EQ(type("colour"), ColumnType::text);
}

TEST(MakeTable, follows_a_request) {
  const Dataset table =
      make_table(kThings, {.kinds = {{"count", "categorical"}}, .drop = {"size"}});
  EXPECT_EQ(table.dimensions(), 2);
  const int at = table.schema->find("count");
  EXPECT_EQ(table.schema->columns[static_cast<std::size_t>(at)].kind, Kind::categorical);
}

TEST(MakeTable, by_a_schema_has_its_cells) {
  const Dataset known = make_table(kThings);
  const Dataset rows = make_table(
      {{"colour", {}, {"blue", "mauve"}}, {"count", {4, 1}}, {"size", {1, 2}}}, known.schema);
  EXPECT_TRUE(same_cells(*known.schema, *rows.schema));
  EXPECT_EQ(column(rows, "colour").texts, (std::vector<std::string>{"blue", ""}));
  expect_error(ErrorCode::invalid_argument, "expected column 'size'",
               [&] { make_table({{"count", {1}}, {"colour", {}, {"red"}}}, known.schema); });
  const Dataset part = make_table({{"count", {1}}}, known.schema, true);
  EXPECT_TRUE(std::isnan(column(part, "size").numbers[0]));
  expect_error(ErrorCode::invalid_argument, "expected the schema of a table",
               [] { make_table(kThings, std::shared_ptr<const Schema>()); });
}

TEST(MakeTable, refuses_columns_that_do_not_go_together) {
  expect_error(ErrorCode::invalid_argument, "at least one column", [] { make_table({}); });
  expect_error(ErrorCode::invalid_argument, "at least one column",
               [] { make_table({{"a"}, {"b"}}); });
  expect_error(ErrorCode::invalid_argument, "expected 3 values in column 'b'",
               [] { make_table({{"a", {1, 2, 4}}, {"b", {1, 2}}}); });
  expect_error(ErrorCode::invalid_argument, "got both",
               [] { make_table({{"a", {1, 2}, {"x", "y"}}}); });
  expect_error(ErrorCode::invalid_argument, "different names",
               [] { make_table({{"a", {1, 2.5}}, {"a", {1, 3.5}}}); });
}

TEST(Columns, that_are_not_there_are_refused_with_the_nearest_name) {
  const Dataset table = make_table(kThings);
  expect_error(ErrorCode::invalid_argument, "did you mean 'colour'?",
               [&] { column(table, "color"); });
  const Dataset array = Dataset::from(Tensor(DType::f32, {2, 2}));
  expect_error(ErrorCode::invalid_argument, "got an array", [&] { column(array, "a"); });
}

TEST(Columns, taken_away_are_as_if_they_had_been_missing) {
  const auto table = [](double hole) {
    std::vector<Column> columns{{"a", {}}, {"b", {}}, {"c", {}}};
    for (int i = 0; i < 50; ++i) {
      columns[0].numbers.push_back(0.37 * i + 1 / (i + 1.0));
      columns[1].numbers.push_back(std::exp(0.1 * i) + 0.123456789);
      columns[2].numbers.push_back(i % 7 + 0.1 * (i % 3));
    }
    const Dataset whole = make_table(columns);
    if (hole == 0) return without(whole, {"b"});
    columns[1].numbers.assign(50, kMissingCell);
    return make_table(columns, whole.schema);
  };
  const Dataset taken = table(0), missing = table(1);
  const std::size_t b = cell_named(taken, "b");
  for (std::size_t row = 0; row < 50; ++row) {
    EXPECT_NEAR(taken.log_slopes[row], missing.log_slopes[row], 1e-5) << row;
    for (std::size_t d = 0; d < 3; ++d) {
      const float x = taken.values.as<float>()[3 * row + d];
      EXPECT_EQ(std::isnan(x), d == b);
      if (d == b) continue;
      EXPECT_EQ(x, missing.values.as<float>()[3 * row + d]);
    }
  }
  expect_error(ErrorCode::invalid_argument, "a column that is modelled",
               [&] { without(taken, {"nothing"}); });
}

TEST(SameCells, tells_schemas_apart_by_what_their_cells_mean) {
  const Dataset table = make_table(kThings);
  EXPECT_TRUE(same_cells(*table.schema, *make_table(kThings).schema));
  std::vector<Column> others = kThings;
  others[0].numbers[0] = 0.625;
  EXPECT_FALSE(same_cells(*table.schema, *make_table(others).schema)) << "scales";
  others = kThings;
  others[2].texts[0] = "black";
  EXPECT_FALSE(same_cells(*table.schema, *make_table(others).schema)) << "levels";
  others = kThings;
  others[1].name = "number";
  EXPECT_FALSE(same_cells(*table.schema, *make_table(others).schema)) << "names";
  others.pop_back();
  EXPECT_FALSE(same_cells(*table.schema, *make_table(others).schema)) << "columns";
  others = kThings;
  others.push_back({"fixed", {7, 7, 7, 7, 7}});
  EXPECT_TRUE(same_cells(*table.schema, *make_table(others).schema)) << "left out";
}

}  // namespace
}  // namespace diabolo
