// Model files of tables: their schema comes along and must fit; files from before tables still
// load.
#include <diabolo/io/model_file.h>
#include <diabolo/io/safetensors.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "data/tables.h"

namespace diabolo::table_model_file_test {
namespace {

using Json = nlohmann::json;

std::vector<ColumnGroup> groups_of(const Schema& schema) {
  std::vector<ColumnGroup> groups;
  for (const CellGroup& group : cell_groups(schema))
    groups.push_back({group.likelihood, std::ssize(group.columns)});
  return groups;
}

ModelData table_model() {
  MemoryTable table;
  std::vector<std::optional<std::string>> colour;
  for (std::size_t i = 0; i < 60; ++i)
    colour.push_back(i % 3 == 0 ? "red" : i % 3 == 1 ? "green" : "blue");
  table.add("colour", colour)
      .add("x", ColumnType::real,
           make_numbers(60, [](std::size_t i) { return std::sin(double(i)); }))
      .add("stars", ColumnType::integer,
           make_numbers(60, [](std::size_t i) { return double(i % 4); }));
  const Schema schema = infer(table);
  Composition c;
  c.columns = groups_of(schema);
  c.missing = c.partial = true;
  c.encoder.settings = c.decoder.settings = {{"hidden", "4"}};
  ModelData model = make_model(c, {}, {}, {3}, 7);
  model.schema = schema;
  model.fingerprint = "0123456789abcdef";
  model.holes = {{std::string(1, '\1'), 3}, {std::string(1, '\6'), 40}};
  return model;
}

// The file at `path` with its description changed.
template <class F>
void change(const std::string& path, F&& f) {
  TensorFile file = read_safetensors(path);
  Json json = Json::parse(file.metadata.at("diabolo"));
  f(json);
  file.metadata["diabolo"] = json.dump();
  write_safetensors(path, file);
}

TEST(TableModelFile, comes_back_with_its_schema_and_the_same_bits) {
  const TempFolder folder;
  const ModelData model = table_model();
  write_model(folder.path("a"), model);
  const ModelData back = read_model(folder.path("a"), {});
  EXPECT_EQ(back.composition, model.composition);
  EXPECT_EQ(back.schema.columns.size(), 3u);
  EXPECT_EQ(back.schema.columns[0].levels, model.schema.columns[0].levels);
  EXPECT_EQ(back.schema.columns[2].values, model.schema.columns[2].values);
  EXPECT_EQ(back.holes, model.holes);
  EXPECT_EQ(describe(back.schema), describe(model.schema));
  EXPECT_EQ(std::memcmp(back.values.data(), model.values.data(), model.values.bytes()), 0);
  write_model(folder.path("b"), back);
  EXPECT_EQ(bytes_of(folder.path("a")), bytes_of(folder.path("b")));
}

TEST(TableModelFile, a_schema_of_other_columns_is_refused) {
  const TempFolder folder;
  const std::string path = folder.path("a");
  const auto refuse = [&](const auto& f) {
    write_model(path, table_model());
    change(path, f);
    expect_error(ErrorCode::corrupt_file, "schema", [&] { read_model(path, {}); });
  };
  refuse([](Json& json) { json["schema"] = nullptr; });
  refuse([](Json& json) { json["schema"]["columns"].erase(0); });
  refuse([](Json& json) { json["schema"]["columns"] = 3; });
  // One level less than the composition has: its codes would be of other levels.
  refuse([](Json& json) {
    for (Json& column : json["schema"]["columns"])
      if (column["name"] == "colour") {
        column["levels"].erase(2);
        column["counts"].erase(2);
        column["likelihood"]["settings"]["levels"] = "2";
      }
  });
}

TEST(TableModelFile, damaged_columns_are_refused) {
  const TempFolder folder;
  const std::string path = folder.path("a");
  const auto refuse = [&](const auto& f) {
    write_model(path, table_model());
    change(path, f);
    EXPECT_THROW(read_model(path, {}), Error);
  };
  refuse([](Json& json) { json["composition"]["columns"].erase(0); });
  refuse([](Json& json) { json["composition"]["columns"][0]["columns"] = -1; });
  refuse([](Json& json) { json["composition"]["columns"][0]["type"] = "normall"; });
  refuse([](Json& json) { json["composition"]["partial"] = "yes"; });
  refuse([](Json& json) { json["holes"] = {{"0102", 1}}; });
  refuse([](Json& json) { json["holes"] = {{"0x", 1}}; });
  refuse([](Json& json) { json["holes"] = {{"01", 0}}; });
  refuse([](Json& json) { json["holes"] = {{"01", 600}, {"02", 600}}; });
  refuse([](Json& json) { json["composition"]["missing"] = false; });
}

// What format 1 did not have before there were tables.
TEST(TableModelFile, files_without_the_keys_of_tables_load) {
  const TempFolder folder;
  const std::string path = folder.path("a");
  Composition c;
  c.encoder.settings = c.decoder.settings = {{"hidden", "4"}};
  const ModelData model = make_model(c, {}, {}, {3}, 7);
  write_model(path, model);
  change(path, [](Json& json) {
    for (const char* key : {"columns", "missing", "partial"}) json["composition"].erase(key);
    for (const char* key : {"schema", "scores", "holes"}) json.erase(key);
  });
  const ModelData back = read_model(path, {});
  EXPECT_EQ(back.composition, model.composition);
  EXPECT_TRUE(back.schema.empty());
  EXPECT_FALSE(back.composition.missing || back.composition.partial);
  EXPECT_EQ(std::memcmp(back.values.data(), model.values.data(), model.values.bytes()), 0);
}

}  // namespace
}  // namespace diabolo::table_model_file_test
