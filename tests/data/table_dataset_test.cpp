// Tables by `read` and `write`, as users of the library meet them.
#include <diabolo/base/log.h>
#include <diabolo/data/cells.h>
#include <diabolo/data/columns.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/read.h>
#include <diabolo/data/write.h>

#include "table_files.h"

namespace diabolo::table_dataset_test {
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

/// The seconds of column `d` in a file of these cells, read by the schema of another one.
class TableDates : public TableDataset {
 protected:
  void learn(const std::string& cells, std::map<std::string, std::string> csv = {}) {
    std::string text = "d,x\n";
    double x = 0;
    std::istringstream lines(cells);
    for (std::string cell; std::getline(lines, cell, ',');)
      text += fmt::format("{},{}\n", cell, ++x);
    schema_ = read(put(folder, "learnt.csv", text),
                   {.table = {.csv = std::move(csv)}, .columns = {.kinds = {{"d", "datetime"}}}})
                  .schema;
  }
  /// Days since 2020-01-01.
  std::vector<double> days(const std::string& text, TableOptions options = {},
                           const std::string& name = "x.csv") {
    const std::string path = put(folder, name, text);
    std::vector<double> days;
    for (const double x :
         column(read(path, {.table = std::move(options), .schema = schema_}), "d").numbers)
      days.push_back((x - 1577836800) / 86400);
    return days;
  }
  void refuse(const std::string& text, const std::string& part, TableOptions options = {},
              const std::string& name = "x.csv") {
    expect_error(ErrorCode::corrupt_file, part, [&] { days(text, std::move(options), name); });
  }

 private:
  std::shared_ptr<const Schema> schema_;
};

using Days = std::vector<double>;

TEST_F(TableDates, are_read_in_the_form_of_training_whatever_the_rows_are) {
  learn("12/31/2019,01/02/2020,06/30/2021,12/31/2021");
  EXPECT_EQ(days("d,x\n02/01/2020,1\n01/12/2020,2\n"), (Days{31, 11}));
  EXPECT_EQ(days("d,x\n02/01/2020,1\n2020-01-12,2\n2020/01/13,3\n"), (Days{31, 11, 12}))
      << "ISO is known by its year";
  EXPECT_EQ(days("d,x\n,1\n01/12/2020,2\n")[1], 11);
  refuse("d,x\n02/01/2020,1\n13/02/2020,2\n",
         "expected a date as %m/%d/%Y or 2020-12-31 in column 'd', row 1 (counted from 0) of '" +
             folder.path("x.csv") +
             "', got '13/02/2020'; correct the cell, or say how dates are written, as in --csv "
             "dateformat=%d.%m.%Y");
  refuse("d,x\n02/01/20,1\n", "row 0");
  refuse("d,x\n20-01-02,1\n", "row 0");
  const TableOptions said{.csv = {{"dateformat", "%d/%m/%Y"}}};
  EXPECT_EQ(days("d,x\n02/01/2020,1\n13/02/2020,2\n", said), (Days{1, 43}));
  refuse("d,x\n02/13/2020,1\n", "a date as %d/%m/%Y or", said);
}

TEST_F(TableDates, of_an_iso_model_are_iso_unless_it_is_said) {
  learn("2019-12-31,2020-01-02,2021-06-30,2021-12-31");
  EXPECT_EQ(days("d,x\n2020-02-01,1\n"), (Days{31}));
  refuse("d,x\n02/01/2020,1\n13/02/2020,2\n", "a date as 2020-12-31 in column 'd', row 0");
  refuse("d,x\n20-02-01,1\n", "row 0");
  EXPECT_EQ(days("d,x\n02.01.2020,1\n", {.csv = {{"dateformat", "%d.%m.%Y"}}}), (Days{1}));
}

TEST_F(TableDates, have_the_form_that_was_said_in_training) {
  learn("31.12.2019,02.01.2020,30.06.2021,31.12.2021", {{"dateformat", "%d.%m.%Y"}});
  EXPECT_EQ(days("d,x\n02.01.2020,1\n2020-01-03,2\n"), (Days{1, 2}));
  EXPECT_EQ(days("{\"d\": \"02.01.2020\", \"x\": 1}\n", {}, "x.jsonl"), (Days{1}));
  EXPECT_EQ(days("{\"d\": \"2020-01-02\", \"x\": 1}\n", {}, "x.jsonl"), (Days{1}));
  EXPECT_EQ(days("d,x\n02.01.2020,1\n", {.query = "SELECT * FROM data"}), (Days{1}));
  learn("2019-31-12,2020-02-01,2021-30-06,2021-31-12", {{"dateformat", "%Y-%d-%m"}});
  EXPECT_EQ(days("d,x\n2020-02-01,1\n"), (Days{1}));
  refuse("d,x\n2020-02-01,1\n2020-01-13,2\n", "a date as %Y-%d-%m in column 'd', row 1");
}

TEST_F(TableDates, with_times_have_the_form_of_training_too) {
  const std::map<std::string, std::string> csv{{"timestampformat", "%m/%d/%Y %H:%M"}};
  learn("12/31/2019 00:00,01/02/2020 12:00,06/30/2021 06:00,12/31/2021 06:00", csv);
  EXPECT_EQ(days("d,x\n02/01/2020 12:00,1\n2020-01-12T06:00:00Z,2\n2020-01-13,3\n"),
            (Days{31.5, 11.25, 12}));
  refuse("d,x\n13/01/2020 12:00,1\n",
         "or say how times are written, as in --csv 'timestampformat=");
  EXPECT_EQ(days("d,x\n13.01.2020 12:00,1\n", {.csv = {{"timestampformat", "%d.%m.%Y %H:%M"}}}),
            (Days{12.5}));
}

TEST_F(TableDataset, advice_for_a_cell_at_use_names_what_there_is_at_use) {
  const Dataset known = read(put(folder, "a.csv", "n,x\n1,0.5\n2,0.25\n5,0.75\n"), {});
  const auto refuse = [&](const char* text) {
    expect_error(ErrorCode::corrupt_file, "correct the cell, or name it as missing (--missing)",
                 [&] { read(put(folder, "b.csv", text), {.schema = known.schema}); });
  };
  refuse("n,x\n1,0.5\n1.5,0.25\n");
  refuse("n,x\nmany,0.5\n1,0.25\n");
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
}  // namespace diabolo::table_dataset_test
