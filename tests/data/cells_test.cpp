// Rows to cells and back, at use: other orders, values never seen, columns that are not there.
#include <diabolo/base/random.h>
#include <diabolo/data/cells.h>

#include "tables.h"

namespace diabolo {
namespace {

constexpr std::size_t kRows = 3000;

/// A column for every code: real (linear), sum (log), cents (bins), spiky (bins with an atom),
/// stars (levels), color (text), flag (boolean), day (bins of dates).
MemoryTable training() {
  RandomStream random({.seed = 1});
  const auto numbers = [&](const auto& f) {
    return make_numbers(kRows,
                        [&](std::size_t) { return random.uniform() < 0.1 ? kMissingCell : f(); });
  };
  std::vector<std::optional<std::string>> colors;
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto k = random.below(6);
    colors.push_back(k < 3 ? "red" : k < 5 ? "green" : "blue");
  }
  colors[7].reset();
  MemoryTable table;
  table.add("real", ColumnType::real, numbers([&] { return 100 + random.normal(); }));
  table.add("color", colors);
  table.add("cents", ColumnType::real,
            numbers([&] { return std::floor(1e5 * random.uniform()) / 100; }));
  table.add("spiky", ColumnType::real,
            numbers([&] { return random.uniform() < 0.3 ? 0 : random.uniform(); }));
  table.add("stars", ColumnType::integer,
            numbers([&] { return 2.0 * static_cast<double>(1 + random.below(5)); }));
  table.add("flag", ColumnType::boolean,
            numbers([&] { return random.uniform() < 0.5 ? 1.0 : 0.0; }));
  table.add("day", ColumnType::date,
            numbers([&] { return 86400 * std::floor(1000 * random.uniform()); }));
  table.add("sum", ColumnType::real, numbers([&] { return std::exp(random.normal()); }));
  return table;
}

struct Encoded {
  std::vector<float> cells;
  std::vector<double> slopes;
  CellNotes notes;
};

Encoded encode(const Schema& schema, const MemoryTable& table, bool allow_absent = false,
               std::size_t chunk = 1000) {
  CellEncoder encoder(schema, table.fields, allow_absent);
  const auto width = static_cast<std::size_t>(encoder.cells());
  Encoded result{
      std::vector<float>(table.rows() * width), std::vector<double>(table.rows(), 7.0), {}};
  for (std::size_t first = 0; first < table.rows(); first += chunk) {
    const std::size_t rows = std::min(chunk, table.rows() - first);
    encoder.encode(table.chunk(first, rows),
                   std::span(result.cells).subspan(first * width, rows * width),
                   std::span(result.slopes).subspan(first, rows));
  }
  result.notes = encoder.notes();
  return result;
}

TEST(Cells, come_back_as_the_values_they_were) {
  const MemoryTable table = training();
  const Schema schema = infer(table);
  const Encoded encoded = encode(schema, table);
  EXPECT_TRUE(encoded.notes.unseen.empty() && encoded.notes.outside.empty());
  EXPECT_TRUE(encoded.notes.ignored.empty() && encoded.notes.absent.empty());
  TableChunk decoded;
  decode_cells(schema, encoded.cells, false, decoded);
  ASSERT_EQ(decoded.columns.size(), table.fields.size());
  EXPECT_EQ(decoded.rows, static_cast<std::int64_t>(kRows));
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t c = 0; c < table.fields.size(); ++c) {
      const std::string& name = table.fields[c].name;
      if (name == "color") {
        EXPECT_EQ(decoded.columns[c].text[row].data() == nullptr, !table.texts[c][row]);
        if (table.texts[c][row]) {
          EXPECT_EQ(decoded.columns[c].text[row], *table.texts[c][row]);
        }
        continue;
      }
      const double x = table.numbers[c][row], y = decoded.columns[c].numbers[row];
      if (std::isnan(x)) {
        EXPECT_TRUE(std::isnan(y));
      } else if (name == "real" || name == "sum" || (name == "spiky" && x > 0)) {
        EXPECT_NEAR(y, x, 1e-5 * std::abs(x));
      } else {
        EXPECT_EQ(y, x) << name;
      }
    }
  }
}

TEST(Cells, are_those_of_the_codes_and_slopes_add_up_over_what_is_observed) {
  const MemoryTable table = training();
  const Schema schema = infer(table);
  EXPECT_EQ(schema.columns[7].code.form, ColumnCode::log);
  EXPECT_EQ(schema.columns[3].code.form, ColumnCode::bins);
  const Encoded encoded = encode(schema, table);
  const std::vector<int> columns = cell_columns(schema);
  for (std::size_t row = 0; row < kRows; ++row) {
    double slopes = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto place = static_cast<std::size_t>(columns[c]);
      const ColumnSchema& column = schema.columns[place];
      const float cell = encoded.cells[row * columns.size() + c];
      if (column.code.form == ColumnCode::levels) continue;
      const double x = table.numbers[place][row];
      if (std::isnan(x)) {
        EXPECT_TRUE(std::isnan(cell));
        continue;
      }
      EXPECT_EQ(cell, static_cast<float>(column.code.to_cell(x))) << column.field.name;
      slopes += column.code.log_slope(x);
    }
    EXPECT_NEAR(encoded.slopes[row], slopes, 1e-12 * std::abs(slopes));
  }
  CellEncoder encoder(schema, table.fields);
  std::vector<float> cells(kRows * columns.size());
  encoder.encode(table.all(), cells, {});  // no slopes wanted
  for (std::size_t i = 0; i < cells.size(); ++i)
    EXPECT_TRUE(cells[i] == encoded.cells[i] ||
                (std::isnan(cells[i]) && std::isnan(encoded.cells[i])));
}

/// A few rows of the same columns.
MemoryTable few() {
  MemoryTable table;
  table.add("real", ColumnType::real, {100, 101, 99}).add("color", {"red", "green", "blue"});
  table.add("cents", ColumnType::real, {1.25, 3, 4}).add("spiky", ColumnType::real, {0, 0, 0.5});
  table.add("stars", ColumnType::integer, {2, 4, 10}).add("flag", ColumnType::boolean, {0, 1, 1});
  table.add("day", ColumnType::date, {0, 86400, 864000}).add("sum", ColumnType::real, {1, 2, 0.5});
  return table;
}

TEST(CellEncoder, finds_columns_by_name_in_any_order) {
  const Schema schema = infer(training());
  MemoryTable table = few(), turned;
  for (std::size_t i = table.fields.size(); i-- > 0;) {
    turned.fields.push_back(table.fields[i]);
    turned.numbers.push_back(table.numbers[i]);
    turned.texts.push_back(table.texts[i]);
  }
  turned.add("more", ColumnType::real, {1, 2, 3});
  const Encoded a = encode(schema, table), b = encode(schema, turned);
  EXPECT_EQ(a.cells, b.cells);
  EXPECT_EQ(b.notes.ignored, (std::vector<std::string>{"more"}));
}

TEST(CellEncoder, columns_that_were_left_out_are_not_missed) {
  MemoryTable table = training();
  const Schema schema = infer(table, {.drop = {"day"}});
  const Encoded encoded = encode(schema, few());
  EXPECT_TRUE(encoded.notes.ignored.empty());
  EXPECT_EQ(encoded.cells.size(), 3 * 7u);
}

TEST(CellEncoder, categories_never_seen_are_missing_and_told) {
  const Schema schema = infer(training());
  MemoryTable table = few();
  table.texts[1] = {"red", "purple", "pink"};
  const Encoded encoded = encode(schema, table, false, 1);
  ASSERT_EQ(encoded.notes.unseen.size(), 1u);
  const CellNotes::Note& note = encoded.notes.unseen.at("color");
  EXPECT_EQ(note.count, 2);
  EXPECT_EQ(note.first, "purple");
  EXPECT_EQ(note.first_row, 1);
  const std::size_t place = 7;  // categories come last: stars has more levels than color
  EXPECT_EQ(cell_columns(schema)[place - 1], 1);
  EXPECT_EQ(encoded.cells[place - 1], 0);
  EXPECT_TRUE(std::isnan(encoded.cells[8 + place - 1]));
}

TEST(CellEncoder, numbers_beyond_training_are_kept_and_told) {
  const Schema schema = infer(training());
  MemoryTable table = few();
  table.numbers[0] = {100, 5000, -5000};    // linear
  table.numbers[2] = {1, 1e9, 3};           // bins
  table.numbers[4] = {2, 5.2, 77};          // levels 2, 4, ..., 10
  table.numbers[6] = {-86400 * 365, 0, 0};  // dates
  table.numbers[7] = {1, 0, 1e6};           // log
  const Encoded encoded = encode(schema, table);
  EXPECT_EQ(encoded.notes.outside.at("real").count, 2);
  EXPECT_EQ(encoded.notes.outside.at("real").first, "5000");
  EXPECT_EQ(encoded.notes.outside.at("day").first, "1969-01-01");
  EXPECT_EQ(encoded.notes.outside.at("stars").first, "5.2");
  EXPECT_EQ(encoded.notes.outside.at("stars").first_row, 1);
  EXPECT_EQ(encoded.notes.outside.at("cents").count, 1);
  EXPECT_EQ(encoded.notes.outside.at("sum").count, 2);
  for (const float cell : encoded.cells) EXPECT_TRUE(std::isfinite(cell));
  TableChunk decoded;
  decode_cells(schema, encoded.cells, false, decoded);
  EXPECT_EQ(decoded.columns[4].numbers, (std::vector<double>{2, 6, 10}));
  EXPECT_EQ(decoded.columns[0].numbers[1], schema.columns[0].high);
  EXPECT_EQ(decoded.columns[2].numbers[1], schema.columns[2].high);
}

TEST(CellEncoder, a_column_that_is_absent_is_missing_only_if_that_is_allowed) {
  const Schema schema = infer(training());
  MemoryTable table = few();
  table.fields[4].name = "starz";
  expect_error(ErrorCode::invalid_argument, "expected column 'stars'",
               [&] { encode(schema, table); });
  expect_error(ErrorCode::invalid_argument, "did you mean 'starz'?",
               [&] { encode(schema, table); });
  const Encoded encoded = encode(schema, table, true);
  EXPECT_EQ(encoded.notes.absent, (std::vector<std::string>{"stars"}));
  EXPECT_EQ(encoded.notes.ignored, (std::vector<std::string>{"starz"}));
  EXPECT_EQ(std::count_if(encoded.cells.begin(), encoded.cells.end(),
                          [](float x) { return std::isnan(x); }),
            3);
}

TEST(CellEncoder, a_column_that_the_model_uses_is_not_meant_by_the_name_of_another) {
  MemoryTable table;
  const auto numbers = make_numbers(50, [](std::size_t i) { return std::sin(double(i)); });
  for (const char* name : {"m", "n", "mm"}) table.add(name, ColumnType::real, numbers);
  const Schema schema = infer(table, {.drop = {"mm"}});
  table.fields[0].name = "other";
  table.fields[2].name = "another";
  try {
    CellEncoder encoder(schema, table.fields);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("expected column 'm'"), std::string::npos);
    EXPECT_EQ(error.message().find("did you mean"), std::string::npos) << error.message();
  }
  table.fields[2].name = "mm";
  expect_error(ErrorCode::invalid_argument, "did you mean 'mm'?",
               [&] { CellEncoder encoder(schema, table.fields); });
}

TEST(CellEncoder, a_column_of_another_type_is_refused) {
  const Schema schema = infer(training());
  MemoryTable table = few();
  table.fields[1].type = ColumnType::integer;
  expect_error(ErrorCode::invalid_argument,
               "expected text values in column 'color' as in training, got integer",
               [&] { CellEncoder encoder(schema, table.fields); });
  table = few();
  table.fields[6].type = ColumnType::real;
  expect_error(ErrorCode::invalid_argument, "expected date values in column 'day'",
               [&] { CellEncoder encoder(schema, table.fields); });
}

TEST(CellEncoder, whole_numbers_and_timestamps_may_stand_for_reals_and_dates) {
  const Schema schema = infer(training());
  MemoryTable table = few();
  const Encoded before = encode(schema, table);
  table.fields[0].type = ColumnType::integer;
  table.fields[4].type = ColumnType::real;
  table.fields[5].type = ColumnType::integer;
  table.fields[6].type = ColumnType::timestamp;
  EXPECT_EQ(encode(schema, table).cells, before.cells);
}

TEST(CellEncoder, text_may_stand_for_numbers_if_all_of_it_is_missing) {
  const Schema schema = infer(training());
  MemoryTable table = few();
  table.fields[0] = {.name = "real", .type = ColumnType::text, .sql_type = "VARCHAR"};
  table.texts[0] = {std::nullopt, std::nullopt, std::nullopt};
  EXPECT_TRUE(std::isnan(encode(schema, table).cells[0]));
  table.texts[0][2] = "many";
  for (const std::size_t chunk : {1, 3})
    expect_error(ErrorCode::invalid_argument,
                 "expected real values in column 'real' as in training, got 'many' in row 2",
                 [&] { encode(schema, table, false, chunk); });
}

TEST(CellEncoder, infinities_are_named_with_row_and_column) {
  const Schema schema = infer(training());
  for (const std::size_t c : {0, 2, 4, 7}) {
    MemoryTable table = few();
    table.numbers[c][1] = -INFINITY;
    for (const std::size_t chunk : {1, 3})
      expect_error(ErrorCode::not_finite,
                   fmt::format("in row 1 of column '{}'", table.fields[c].name),
                   [&] { encode(schema, table, false, chunk); });
  }
}

TEST(DecodeCells, draws_stay_in_the_range_and_on_the_lattice_of_training) {
  const Schema schema = infer(training());
  RandomStream random({.seed = 9});
  const std::size_t width = cell_columns(schema).size();
  std::vector<float> cells(1000 * width);
  for (float& cell : cells) cell = static_cast<float>(random.normal() * 20);
  TableChunk decoded;
  decode_cells(schema, cells, false, decoded);
  for (std::size_t c = 0; c < schema.columns.size(); ++c) {
    const ColumnSchema& column = schema.columns[c];
    if (column.field.type == ColumnType::text) continue;
    for (const double x : decoded.columns[c].numbers) {
      EXPECT_GE(x, column.low);
      EXPECT_LE(x, column.high);
      if (column.code.step > 0) {
        EXPECT_EQ(column.code.on_lattice(x), x);
      }
    }
  }
}

TEST(DecodeCells, means_keep_the_type_and_need_no_lattice) {
  Schema schema;
  schema.columns = {{.field = {.name = "real"},
                     .low = 0,
                     .high = 10,
                     .likelihood = {"normal", {}},
                     .code = {.step = 0.5}},
                    {.field = {.name = "whole", .type = ColumnType::integer},
                     .low = 0,
                     .high = 100,
                     .likelihood = {"normal", {}},
                     .code = {.scale = 10, .step = 10}},
                    {.field = {.name = "day", .type = ColumnType::date},
                     .low = 0,
                     .high = 864000,
                     .likelihood = {"normal", {}},
                     .code = {.scale = 86400, .step = 86400}},
                    {.field = {.name = "half"},
                     .low = 1,
                     .high = 4,
                     .values = {1, 2, 4},
                     .counts = {1, 1, 1},
                     .likelihood = {"categorical", {{"levels", "3"}}},
                     .code = {.form = ColumnCode::levels}},
                    {.field = {.name = "name"},
                     .kind = Kind::categorical,
                     .low = 1,
                     .high = 4,
                     .values = {1, 2, 4},
                     .counts = {1, 1, 1},
                     .likelihood = {"categorical", {{"levels", "3"}}},
                     .code = {.form = ColumnCode::levels}}};
  const std::vector<float> cells{3.14f, 5.14f, 1.4f, 1.25f, 1.25f, -0.2f, 5.16f, 90, 1.75f, 1.75f};
  TableChunk mean, draw;
  decode_cells(schema, cells, true, mean);
  decode_cells(schema, cells, false, draw);
  EXPECT_NEAR(mean.columns[0].numbers[0], 3.14, 1e-6);
  EXPECT_EQ(draw.columns[0].numbers[0], 3);
  EXPECT_EQ(mean.columns[0].numbers[1], 0);
  EXPECT_EQ(mean.columns[1].numbers, (std::vector<double>{51, 52}));
  EXPECT_EQ(draw.columns[1].numbers, (std::vector<double>{50, 50}));
  EXPECT_EQ(mean.columns[2].numbers, (std::vector<double>{86400, 864000}));
  EXPECT_EQ(mean.columns[3].numbers, (std::vector<double>{2.5, 3.5}));
  EXPECT_EQ(draw.columns[3].numbers, (std::vector<double>{2, 4}));
  EXPECT_EQ(mean.columns[4].numbers, (std::vector<double>{2, 4}));
}

}  // namespace
}  // namespace diabolo
