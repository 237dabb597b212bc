// Tables by `read` and `write`, as users of the library meet them.
#include <diabolo/base/log.h>
#include <diabolo/data/cells.h>
#include <diabolo/data/columns.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/read.h>
#include <diabolo/data/write.h>

#include "table_files.h"

namespace diabolo {
namespace {

constexpr const char* kThings =
    "id,size,colour\nk1,0.5,red\nk2,-1.25,green\nk3,,red\nk4,2,\nk5,7.75,blue\n";
const ReadOptions kWithoutId{.columns = {.drop = {"id"}}};

class TableDataset : public TableTest {
 protected:
  std::string things() { return put(folder, "things.csv", kThings); }
  void TearDown() override { set_log_callback({}); }
};

TEST_F(TableDataset, is_what_read_makes_of_a_file) {
  const Dataset table = read(things(), kWithoutId);
  EXPECT_EQ(table.size(), 5);
  EXPECT_EQ(table.dimensions(), 2);
  EXPECT_EQ(column(table, "colour").texts,
            (std::vector<std::string>{"red", "green", "red", "", "blue"}));
  EXPECT_NEAR(column(table, "size").numbers[1], -1.25, 1e-6);
}

TEST_F(TableDataset, is_read_as_its_options_say) {
  const std::string path = put(folder, "x.csv", "a;b\n1,5;x\n-200;y\n2,5;z\n");
  const Dataset table =
      read(path, {.table = {.missing = {"-200"},
                            .csv = {{"delimiter", ";"}, {"decimal_separator", ","}},
                            .query = "SELECT a, b FROM data WHERE b <> 'z'"},
                  .columns = {.kinds = {{"b", "categorical"}}}});
  EXPECT_EQ(table.size(), 2);
  EXPECT_EQ(column(table, "b").texts, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(table.schema->columns[0].missing, 1);
}

TEST_F(TableDataset, by_the_schema_of_a_model_has_its_cells_and_says_what_is_new) {
  const Dataset known = read(things(), kWithoutId);
  std::vector<std::string> said;
  set_log_callback([&](LogLevel level, std::string_view text) {
    if (level == LogLevel::warning) said.emplace_back(text);
  });
  const std::string other = put(folder, "other.csv", "more,colour,size\n1,mauve,1.5\n2,red,900\n");
  const Dataset rows = read(other, {.schema = known.schema});
  EXPECT_TRUE(same_cells(*rows.schema, *known.schema));
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0], "columns that the model does not know are ignored: more");
  EXPECT_NE(said[1].find("first is 'mauve' in row 0"), std::string::npos) << said[1];
  EXPECT_NE(said[2].find("beyond those of training; the first is 900 in row 1"), std::string::npos)
      << said[2];

  const std::string part = put(folder, "part.csv", "colour\nred\n");
  expect_error(ErrorCode::invalid_argument, "expected column 'size'",
               [&] { read(part, {.schema = known.schema}); });
  EXPECT_TRUE(std::isnan(
      column(read(part, {.schema = known.schema, .allow_absent = true}), "size").numbers[0]));
  write(Tensor(DType::f32, {2, 2}), Shape{2}, folder.path("x.npy"));
  expect_error(ErrorCode::invalid_argument, "got an array",
               [&] { read(folder.path("x.npy"), {.schema = known.schema}); });
}

TEST_F(TableDataset, is_written_as_the_values_that_it_stands_for) {
  const Dataset table = read(things(), kWithoutId);
  for (const std::string name : {"out.csv", "out.tsv", "out.parquet", "out.jsonl"}) {
    write(table, folder.path(name));
    EXPECT_EQ(rows_of(folder.path(name)), "0.5|red;-1.25|green;-|red;2|-;7.75|blue;") << name;
  }
  expect_error(ErrorCode::unsupported, "got text in 'colour'",
               [&] { write(table, folder.path("out.npy")); });
  expect_error(ErrorCode::unsupported, "expected a path ending in .csv",
               [&] { write(table, folder.path("out.png")); });
  const Dataset numbers = read(things(), {.columns = {.drop = {"id", "colour"}}});
  write(numbers, folder.path("numbers.npy"));
  const Tensor array = read_npy(folder.path("numbers.npy"));
  EXPECT_EQ(array.shape(), (Shape{5, 1}));
  EXPECT_NEAR(array.as<float>()[1], -1.25, 1e-6);
}

TEST_F(TableDataset, of_means_need_not_have_the_decimals_of_the_data) {
  Dataset table = make_table({{"a", {1, 2, 4, 8, 20, 31, 33, 35, 36}}});
  for (float& cell : table.values.as<float>()) cell += 0.01f;
  write(table, folder.path("draws.csv"));
  EXPECT_EQ(rows_of(folder.path("draws.csv")), "1;2;4;8;20;31;33;35;36;");
  Dataset real = make_table({{"a", {1.5, 2.5, 4, 8, 20, 31, 33, 35, 36}}});
  for (float& cell : real.values.as<float>()) cell += 0.01f;
  write(real, folder.path("means.csv"), {.means = true});
  EXPECT_EQ(rows_of(folder.path("means.csv")).find("1.5|"), std::string::npos);
}

TEST_F(TableDataset, of_numbers_is_an_array_where_one_is_asked_for) {
  const Tensor codes = read_array(put(folder, "codes.csv", "z0,z1\n0.5,1\n-2.25,3\n"));
  EXPECT_EQ(codes.shape(), (Shape{2, 2}));
  EXPECT_EQ(codes.as<float>()[2], -2.25f);
  expect_error(ErrorCode::unsupported, "got text in column 'colour'",
               [&] { read_array(put(folder, "t.csv", "a,colour\n1,red\n")); });
  const std::string holes = put(folder, "holes.csv", "a,b\n1,2\n,3\n");
  expect_error(ErrorCode::not_finite, "row 1, column 0", [&] { read_array(holes); });
  EXPECT_TRUE(std::isnan(read_array(holes, {.allow_not_finite = true}).as<float>()[2]));
}

}  // namespace
}  // namespace diabolo
