// Schemas as JSON: bit for bit there and back, and files that people or nobody should have written.
#include <diabolo/base/one_line.h>
#include <diabolo/base/random.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/io/schema_file.h>
#include <nlohmann/json.hpp>

#include "data/tables.h"

namespace diabolo::schema_file_test {
namespace {

using Json = nlohmann::ordered_json;

/// A column for every code, and two that are left out.
Schema make_every() {
  RandomStream random({.seed = 1});
  MemoryTable table;
  const auto numbers = [&](const auto& f) {
    return make_numbers(3000, [&](std::size_t i) { return i % 9 == 8 ? kMissingCell : f(i); });
  };
  std::vector<std::optional<std::string>> towns, ids;
  for (int i = 0; i < 3000; ++i) {
    towns.push_back(fmt::format("größe \"{}\"\n", i % 7));
    ids.push_back(fmt::format("{}", i));
  }
  table.add("real", ColumnType::real,
            numbers([&](std::size_t) { return 100 + random.normal() / 3; }));
  table.add("town", towns).add("id", ids);
  table.add("cents", ColumnType::real,
            numbers([&](std::size_t) { return std::floor(1e5 * random.uniform()) / 100; }));
  table.add("sum", ColumnType::real,
            numbers([&](std::size_t) { return std::exp(random.normal()); }));
  table.add("flag", ColumnType::boolean,
            numbers([&](std::size_t i) { return static_cast<double>(i % 2); }));
  table.add("stars", ColumnType::integer,
            numbers([&](std::size_t i) { return static_cast<double>(i % 5); }));
  table.add("empty", ColumnType::real, std::vector<double>(3000, kMissingCell));
  table.fields[3].format = "%d/%m/%Y";
  return infer(table);
}

const Schema& every() {
  static const Schema schema = make_every();
  return schema;
}

void expect_same(const Schema& a, const Schema& b) {
  EXPECT_EQ(a.rows, b.rows);
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (std::size_t i = 0; i < a.columns.size(); ++i) {
    const ColumnSchema &x = a.columns[i], &y = b.columns[i];
    EXPECT_EQ(x.field, y.field);
    EXPECT_EQ(x.kind, y.kind);
    EXPECT_EQ(x.used, y.used);
    EXPECT_EQ(x.why, y.why);
    EXPECT_EQ(x.missing, y.missing);
    EXPECT_TRUE(x.low == y.low || (std::isnan(x.low) && std::isnan(y.low)));
    EXPECT_TRUE(x.high == y.high || (std::isnan(x.high) && std::isnan(y.high)));
    EXPECT_EQ(x.decimals, y.decimals);
    EXPECT_EQ(x.levels, y.levels);
    EXPECT_EQ(x.values, y.values);
    EXPECT_EQ(x.counts, y.counts);
    EXPECT_EQ(x.likelihood, y.likelihood);
    EXPECT_EQ(x.code.form, y.code.form);
    EXPECT_EQ(x.code.shift, y.code.shift);
    EXPECT_EQ(x.code.scale, y.code.scale);
    EXPECT_EQ(x.code.origin, y.code.origin);
    EXPECT_EQ(x.code.step, y.code.step);
    EXPECT_EQ(x.code.edges, y.code.edges);
  }
}

TEST(SchemaFile, comes_back_bit_for_bit_pretty_or_not) {
  const Schema schema = every();
  for (const bool pretty : {true, false}) {
    const std::string text = schema_to_json(schema, pretty);
    expect_same(schema_from_json(text, "a file"), schema);
    EXPECT_EQ(schema_to_json(schema_from_json(text, "a file"), pretty), text);
    EXPECT_EQ(text.find('\n') == std::string::npos, !pretty);
  }
}

TEST(SchemaFile, what_was_written_can_be_given_again) {
  TempFolder folder;
  write_schema(folder.path("schema.json"), every());
  const Schema request = read_schema_request(folder.path("schema.json"));
  const Schema schema = every();
  ASSERT_EQ(request.columns.size(), schema.columns.size());
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    EXPECT_EQ(request.columns[i].field.name, schema.columns[i].field.name);
    EXPECT_EQ(request.columns[i].kind, schema.columns[i].kind);
    EXPECT_EQ(request.columns[i].used, schema.columns[i].used);
    EXPECT_EQ(request.columns[i].likelihood.type, schema.columns[i].likelihood.type);
  }
  expect_error(ErrorCode::io, "schema.json.no",
               [&] { read_schema_request(folder.path("schema.json.no")); });
}

TEST(SchemaFile, a_disk_that_fills_up_anywhere_leaves_the_old_file) {
  TempFolder folder;
  const std::string path = folder.path("schema.json");
  write_schema(path, every());
  const auto bytes = static_cast<std::int64_t>(bytes_of(path).size());
  put(folder, "schema.json", "old");
  for (std::int64_t room = 0; room <= bytes; room += room < 100 || room > bytes - 100 ? 1 : 101) {
    const SimulatedFullDisk disk(room);  // the flush takes one byte more
    expect_error(ErrorCode::io, "schema.json", [&] { write_schema(path, every()); });
    ASSERT_EQ(bytes_of(path), "old") << room;
    ASSERT_EQ(folder.names(), std::vector<std::string>{"schema.json"}) << room;
  }
  const SimulatedFullDisk enough(bytes + 1);
  write_schema(path, every());
}

TEST(SchemaFile, a_request_needs_names_and_kinds_only) {
  const Schema schema = schema_request_from_json(
      R"({"columns": [{"name": "a", "kind": "categorical"}, {"name": "b", "used": false},
          {"name": "c", "kind": "count", "likelihood": "bins"},
          {"name": "d", "kind": "count", "likelihood": {"type": "normal"}}]})",
      "mine.json");
  EXPECT_EQ(schema.columns[0].kind, Kind::categorical);
  EXPECT_TRUE(schema.columns[0].likelihood.type.empty());
  EXPECT_FALSE(schema.columns[1].used);
  EXPECT_EQ(schema.columns[2].likelihood.type, "bins");
  EXPECT_EQ(schema.columns[3].likelihood.type, "normal");
}

TEST(SchemaFile, a_request_with_a_mistake_is_refused_by_column_and_key) {
  const auto refuse = [](const std::string& json, const std::string& part) {
    expect_error(ErrorCode::invalid_argument, part,
                 [&] { schema_request_from_json(json, "mine.json"); });
  };
  const auto column = [](const std::string& keys) {
    return R"({"columns": [{"name": "age", )" + keys + "}]}";
  };
  refuse("", "expected JSON in 'mine.json'");
  refuse("{\"columns\": [", "expected JSON in 'mine.json'");
  refuse("[]", "expected the schema to be an object");
  refuse("{}", "the schema to have the key 'columns'");
  refuse(R"({"columns": {}})", "'columns' of the schema in 'mine.json', got an object");
  refuse(R"({"columns": []})", "a list of columns");
  refuse(R"({"columns": [1]})", "expected column 0 to be an object {...} in 'mine.json', got 1");
  refuse(R"({"columns": [{"kind": "count"}]})", "expected column 0 to have the key 'name'");
  refuse(R"({"columns": [{"name": 7}]})",
         "a text for the key 'name' of column 0 in 'mine.json', got 7");
  refuse(R"({"colums": []})", "got 'colums'; did you mean 'columns'?");
  refuse(column(R"("used": true)"), "column 'age' to have the key 'kind'");
  refuse(column(R"("kynd": "count")"),
         "a key of column 'age' in 'mine.json', got 'kynd'; did you mean 'kind'?");
  refuse(column(R"("kind": "number")"), "one of continuous, positive");
  refuse(column(R"("kind": "number")"),
         "for the key 'kind' of column 'age' in 'mine.json', got 'number'");
  refuse(column(R"("kind": ["count"])"), "a text for the key 'kind'");
  refuse(column(R"("kind": "count", "used": 1)"),
         "true or false for the key 'used' of column 'age'");
  refuse(column(R"("kind": "identifier", "used": true)"),
         "a kind that is modelled (or used to be false)");
  refuse(column(R"("kind": "count", "likelihood": 7)"),
         "expected the likelihood of column 'age' to be an object");
  refuse(column(R"("kind": "count", "likelihood": {"typ": "normal"})"),
         "got 'typ'; did you mean 'type'?");
  refuse(column(R"("kind": "count", "type": "string")"),
         "one of boolean, integer, real, text, date");
  refuse(column(R"("kind": "count", "low": "3")"),
         "a number for the key 'low' of column 'age' in 'mine.json', got '3'");
  refuse(column(R"("kind": "count", "low": 3)"), "both low and high");
  refuse(column(R"("kind": "count", "low": 3, "high": 2)"), "not above high");
  refuse(column(R"("kind": "count", "values": [1, null])"),
         "a list of numbers for the key 'values'");
  refuse(column(R"("kind": "count", "levels": "red")"), "a list of texts for the key 'levels'");
  refuse(column(R"("kind": "count", "code": {"form": "square"})"),
         "'form' of the code of column 'age'");
  refuse(column(R"("kind": "count", "kind": "binary")"), "got 'kind' twice");
  refuse(R"({"columns": [{"name": "a", "kind": "count"}, {"name": "a", "kind": "count"}]})",
         "got 'a' twice");
  expect_error(ErrorCode::unsupported, "format 1 or older", [] {
    schema_request_from_json(R"({"format": 2, "columns": [{"name": "a", "used": false}]})", "x");
  });
}

/// The JSON of every(), with one change.
template <class F>
void refuse_change(const F& change, const std::string& part) {
  Json json = Json::parse(schema_to_json(every(), false));
  change(json);
  expect_error(ErrorCode::corrupt_file, part,
               [&] { schema_from_json(json.dump(), "model.safetensors"); });
}

Json& column(Json& json, const std::string& name) {
  for (Json& column : json["columns"])
    if (column["name"] == name) return column;
  throw std::runtime_error("no such column");
}

TEST(SchemaFile, a_whole_schema_lacks_nothing) {
  const Json whole = Json::parse(schema_to_json(every(), false));
  for (const auto& entry : whole.items())
    refuse_change([&](Json& json) { json.erase(entry.key()); }, entry.key());
  for (std::size_t i = 0; i < whole["columns"].size(); ++i)
    for (const auto& entry : whole["columns"][i].items()) {
      const std::string key = entry.key();
      const bool used = whole["columns"][i]["used"];
      if (key == "date_format" || key == "decimals") continue;
      if (!used && key != "name" && key != "type") continue;
      refuse_change(
          [&](Json& json) { json["columns"][i].erase(key); },
          key == "name" ? fmt::format("column {}", i) : std::string(whole["columns"][i]["name"]));
    }
}

TEST(SchemaFile, no_key_takes_any_other_type) {
  const Json whole = Json::parse(schema_to_json(every(), false));
  for (std::size_t i = 0; i < whole["columns"].size(); ++i)
    for (const auto& entry : whole["columns"][i].items())
      for (const Json& other : {Json(nullptr), Json(true), Json(-7), Json("x"),
                                Json::array({Json::object()}), Json::object()}) {
        const std::string key = entry.key();
        if (other.type() == entry.value().type()) continue;
        if (other.is_number() && entry.value().is_number()) continue;
        refuse_change([&](Json& json) { json["columns"][i][key] = other; }, "column ");
      }
}

TEST(SchemaFile, what_does_not_fit_together_is_refused) {
  refuse_change([](Json& j) { column(j, "real")["code"]["scale"] = 0; },
                "above 0 for the key 'scale'");
  refuse_change([](Json& j) { column(j, "real")["code"]["step"] = 0.3; },
                "'step' of the code of column 'real'");
  refuse_change([](Json& j) { column(j, "real")["likelihood"]["type"] = "bins"; },
                "one for a code of linear");
  refuse_change([](Json& j) { column(j, "real")["likelihood"]["type"] = ""; },
                "'likelihood' of column 'real'");
  refuse_change([](Json& j) { column(j, "real")["type"] = "text"; }, "'code' of column 'real'");
  refuse_change([](Json& j) { column(j, "real")["missing"] = 3001; },
                "a whole number from 0 to 3000");
  refuse_change([](Json& j) { column(j, "real")["missing"] = -1; },
                "a whole number from 0 to 3000");
  refuse_change([](Json& j) { column(j, "real")["levels"] = {"a"}; },
                "none for this type for the key 'levels'");
  refuse_change([](Json& j) { column(j, "cents")["code"]["edges"][3] = -1; }, "do not fall");
  refuse_change([](Json& j) { column(j, "cents")["code"]["edges"] = {1, 1, 1}; },
                "no number three times");
  refuse_change([](Json& j) { column(j, "cents")["code"]["edges"] = {1}; }, "2 to 65537 numbers");
  refuse_change([](Json& j) { column(j, "cents")["code"]["edges"].erase(5); },
                " levels for the key 'likelihood'");
  refuse_change([](Json& j) { column(j, "town")["levels"][1] = column(j, "town")["levels"][0]; },
                "levels that differ");
  refuse_change([](Json& j) { column(j, "town")["levels"].erase(1); }, "a number for each level");
  refuse_change([](Json& j) { column(j, "town")["counts"][1] = -1; }, "whole numbers from 0");
  refuse_change([](Json& j) { column(j, "town")["likelihood"]["settings"]["levels"] = "8"; },
                "7 levels");
  refuse_change([](Json& j) { column(j, "town")["code"]["form"] = "linear"; }, "column 'town'");
  refuse_change([](Json& j) { column(j, "stars")["values"][1] = 0; }, "numbers that rise");
  refuse_change([](Json& j) { column(j, "stars")["likelihood"]["type"] = "bernoulli"; },
                "one for these levels");
  refuse_change([](Json& j) { column(j, "flag")["values"] = {0}; }, "2 to 65536 levels");
  refuse_change(
      [](Json& j) {
        for (Json& c : j["columns"]) {
          c["used"] = false;
        }
      },
      "a column that is used");
  refuse_change([](Json& j) { j["rows"] = -1; }, "'rows' of the schema");
  refuse_change([](Json& j) { j["format"] = 0; }, "'format' of the schema");
  refuse_change([](Json& j) { j["columns"][1]["name"] = "real"; }, "got 'real' twice");
}

TEST(SchemaFile, bytes_changed_anywhere_are_an_error_or_a_schema_and_nothing_else) {
  const std::string text = schema_to_json(every(), false);
  RandomStream random({.seed = 8});
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string changed = text;
    for (std::uint64_t i = 0, n = 1 + random.below(3); i < n; ++i)
      changed[random.below(changed.size())] = static_cast<char>(random.below(256));
    if (random.below(8) == 0) changed.resize(random.below(changed.size()));
    try {
      const Schema schema = schema_from_json(changed, "x");
      EXPECT_GT(cell_groups(schema).size(), 0u);
      for (const ColumnSchema& c : schema.columns)
        if (c.used && c.code.form != ColumnCode::levels) c.code.to_data(c.code.to_cell(c.low));
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }
  EXPECT_GT(refused, 500);
}

TEST(SchemaFile, deep_nesting_is_refused) {
  std::string text = R"({"format": 1, "rows": 1, "columns": )";
  for (int i = 0; i < 100'000; ++i) text += '[';
  const std::string part = "more lists within lists than";
  expect_error(ErrorCode::corrupt_file, part, [&] { schema_from_json(text, "x"); });
  for (int i = 0; i < 100'000; ++i) text += ']';
  expect_error(ErrorCode::corrupt_file, part, [&] { schema_from_json(text + "}", "x"); });
}

TEST(SchemaFile, objects_of_very_many_keys_are_refused) {
  const auto refuse = [](const std::string& text, const std::string& part) {
    expect_error(ErrorCode::corrupt_file, part, [&] { schema_from_json(text, "a file"); });
  };
  std::string keys = "{";
  for (int i = 0; i < 101; ++i) keys += fmt::format("\"{}\":0,", i);
  refuse(keys, "more keys than");
  refuse(keys.substr(0, 200), "expected JSON");
}

TEST(SchemaFile, messages_are_text_whatever_the_file_holds) {
  expect_error(ErrorCode::corrupt_file, "ill-formed UTF-8",
               [] { schema_from_json("{\"rows\":\"\xff\xfe\"}", "a\nfile\xff"); });
  try {
    schema_from_json("{\"rows\":\"\xff\xfe\"}", "a\nfile\xff");
  } catch (const Error& error) {
    for (std::string_view rest = error.message(); !rest.empty();) {
      ASSERT_GT(character_bytes(rest), 0u) << error.message();
      rest.remove_prefix(character_bytes(rest));
    }
  }
}

TEST(SchemaFile, a_reason_cannot_break_the_table_of_columns) {
  Schema schema = every();
  schema.columns[0].why = "first\nsecond\x1b[2J";
  const std::string text = describe(schema_from_json(schema_to_json(schema), "a file"));
  EXPECT_NE(text.find("first second [2J\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace diabolo::schema_file_test
