#include <diabolo/data/atomic_file.h>

#include <limits>

#include "table_files.h"

namespace diabolo::table_writer_test {
namespace {

using TableWriting = TableTest;

/// All columns of a reader, as they are.
std::vector<OutputColumn> all_of(const TableReader& reader) {
  std::vector<OutputColumn> columns;
  for (const Field& field : reader.fields())
    columns.push_back({field, static_cast<int>(columns.size())});
  return columns;
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Copies `from` to `to` with its missing numbers replaced by `number`, missing text by `text`.
void fill(const std::string& from, const std::string& to, TableFormat format, double number = kNan,
          const char* text = nullptr, const TableOptions& options = {}) {
  TableReader reader(from, options);
  TableWriter writer(to, format, all_of(reader), &reader);
  TableChunk chunk;
  while (reader.next(chunk)) {
    TableChunk filled{chunk.rows, std::vector<ColumnValues>(chunk.columns.size())};
    for (std::size_t j = 0; j < chunk.columns.size(); ++j) {
      for (const double x : chunk.columns[j].numbers)
        filled.columns[j].numbers.push_back(std::isnan(x) ? number : kNan);
      for (const std::string_view x : chunk.columns[j].text)
        filled.columns[j].text.push_back(
            x.data() == nullptr && text != nullptr ? std::string_view(text) : std::string_view());
    }
    writer.append(filled);
  }
  writer.commit();
}

TEST_F(TableWriting, cells_that_are_not_replaced_stay_as_they_were) {
  const std::string text =
      "id,x , name,when\n007,1.50,\"a, \"\"b\"\"\",2/1/2000\n 8, +2e0,NA, NULL\n009,?,,3/1/2000\n";
  const std::string in = put(folder, "x.csv", text), out = folder.path("y.csv");
  fill(in, out, TableFormat::csv, kNan, nullptr, {.missing = {"?"}});
  EXPECT_EQ(bytes_of(out), text);
}

TEST_F(TableWriting, cells_that_are_replaced_look_like_the_others) {
  const std::string in =
      put(folder, "x.csv", "n,x,ok,d,s\n1,0.5,True,31/01/2000,a\n?,?,?,?,?\n3,2.5,False,NA,b\n");
  const std::string out = folder.path("y.csv");
  fill(in, out, TableFormat::csv, 1, "c, d", {.missing = {"?"}});
  EXPECT_EQ(bytes_of(out),
            "n,x,ok,d,s\n1,0.5,True,31/01/2000,a\n1,1,True,01/01/1970,\"c, d\"\n"
            "3,2.5,False,01/01/1970,b\n");
}

TEST_F(TableWriting, keeps_delimiter_decimal_comma_line_ends_and_absent_header) {
  const std::string out = folder.path("y.csv");
  fill(put(folder, "x.csv", "a;b\r\n1,5;x\r\n;y\r\n"), out, TableFormat::csv, 2.25);
  EXPECT_EQ(bytes_of(out), "a;b\r\n1,5;x\r\n2,25;y\r\n");
  fill(put(folder, "x.csv", "1,2\n3,\n5,6\n"), out, TableFormat::csv, 4);
  EXPECT_EQ(bytes_of(out), "1,2\n3,4\n5,6\n");
  fill(put(folder, "x.tsv", "a\tb\n1\tx, y\n"), folder.path("y.tsv"), TableFormat::tsv);
  EXPECT_EQ(bytes_of(folder.path("y.tsv")), "a\tb\n1\tx, y\n");
  fill(folder.path("x.tsv"), out, TableFormat::csv);
  EXPECT_EQ(bytes_of(out), "a,b\n1,\"x, y\"\n");
}

TEST_F(TableWriting, keeps_a_name_that_was_absent) {
  const std::string in = put(folder, "x.csv", ", b,\"c, d\"\n1,2,3\n"), out = folder.path("y.csv");
  fill(in, out, TableFormat::csv);
  EXPECT_EQ(bytes_of(out), ", b,\"c, d\"\n1,2,3\n");
}

TEST_F(TableWriting, new_columns_stand_where_they_are_put) {
  TableReader reader(put(folder, "x.csv", "a,b\n1,x\n2,y\n"));
  const std::string out = folder.path("y.csv");
  TableWriter writer(out, TableFormat::csv,
                     {{{.name = "score"}, -1},
                      {reader.fields()[1], 1},
                      {{.name = "t", .type = ColumnType::text}, -1}},
                     &reader);
  TableChunk chunk{2, {{{0.1 + 0.2, kNan}, {}}, {}, {{}, {"u\"v", std::string_view()}}}};
  writer.append(chunk);
  EXPECT_FALSE(std::filesystem::exists(out));
  writer.commit();
  EXPECT_EQ(bytes_of(out), "score,b,t\n0.3,x,\"u\"\"v\"\n,y,\n");
}

TEST_F(TableWriting, needs_no_input) {
  const std::string out = folder.path("y.csv");
  TableWriter writer(out, TableFormat::csv,
                     {{{.name = "n", .type = ColumnType::integer}, -1},
                      {{.name = "ok", .type = ColumnType::boolean}, -1},
                      {{.name = "t", .type = ColumnType::timestamp}, -1},
                      {{.name = "c", .type = ColumnType::time, .format = "%H.%M"}, -1}},
                     nullptr);
  writer.append(
      {2, {{{12345678901, -3}, {}}, {{1, 0}, {}}, {{0.5, 946771200}, {}}, {{60, kNan}, {}}}});
  writer.commit();
  EXPECT_EQ(bytes_of(out),
            "n,ok,t,c\n12345678901,true,1970-01-01 00:00:00.5,00.01\n-3,false,2000-01-02 "
            "00:00:00,\n");
}

TEST_F(TableWriting, parquet_and_json_lines_keep_types_and_values) {
  const std::string csv =
      put(folder, "x.csv",
          "i,x,s,ok,d,t,z\n9007199254740993,0.1,a,yes,2000-01-02,10:30:00,2000-01-02 10:00:00.25\n"
          "-1,,,no,,,\n");
  const std::string parquet = folder.path("y.parquet"), lines = folder.path("z.jsonl");
  fill(csv, parquet, TableFormat::parquet);
  const std::string fields = "i integer, x real, s text, ok boolean, d date, t time, z timestamp";
  EXPECT_EQ(fields_of(parquet), fields);
  EXPECT_EQ(TableReader(parquet).format(), TableFormat::parquet);
  const std::string rows = rows_of(parquet);
  EXPECT_EQ(rows, "9007199254740992|0.1|a|1|946771200|37800|946807200.25;-1|-|-|0|-|-|-;");
  fill(parquet, lines, TableFormat::jsonl);
  EXPECT_EQ(fields_of(lines), fields);
  EXPECT_EQ(rows_of(lines), rows);
  fill(lines, folder.path("again.parquet"), TableFormat::parquet, 7, "b");
  EXPECT_EQ(rows_of(folder.path("again.parquet")),
            "9007199254740992|0.1|a|1|946771200|37800|946807200.25;-1|7|b|0|0|7|7;");
  fill(parquet, folder.path("w.csv"), TableFormat::csv);
  EXPECT_EQ(bytes_of(folder.path("w.csv")),
            "i,x,s,ok,d,t,z\n9007199254740993,0.1,a,true,2000-01-02,10:30:00,2000-01-02 "
            "10:00:00.25\n-1,,,false,,,\n");
}

TEST_F(TableWriting, objects_and_lists_stay_as_they_were) {
  const std::string text =
      "{\"a\":1,\"b\":{\"c\":[1,2]},\"e\":5}\n{\"a\":2,\"b\":null,\"e\":[6]}\n";
  const std::string in = put(folder, "x.jsonl", text), out = folder.path("y");
  fill(in, out, TableFormat::jsonl, kNan, nullptr);
  EXPECT_EQ(bytes_of(out), text);
  fill(in, out, TableFormat::parquet, kNan, nullptr);
  fill(out, folder.path("z"), TableFormat::jsonl, kNan, nullptr);
  EXPECT_EQ(bytes_of(folder.path("z")), text);
  fill(in, out, TableFormat::csv, kNan, nullptr);
  EXPECT_EQ(bytes_of(out), "a,b,e\n1,\"{\"\"c\"\":[1,2]}\",5\n2,,[6]\n");
}

TEST_F(TableWriting, a_type_from_a_hostile_model_is_not_run) {
  const std::string out = folder.path("y.parquet");
  const std::string sql = "DOUBLE) AS x FROM rows) TO '" + folder.path("stolen.csv") + "' --";
  TableWriter writer(out, TableFormat::parquet, {{{.name = "x\"); --", .sql_type = sql}, -1}},
                     nullptr);
  writer.append({1, {{{1.5}, {}}}});
  writer.commit();
  EXPECT_EQ(rows_of(out), "1.5;");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"y.parquet"});
}

TEST_F(TableWriting, a_query_is_repeated_too) {
  TableReader reader(put(folder, "x.csv", "a,b\n1,x\n2,y\n"),
                     {.query = "SELECT b, a + 0.5 AS c FROM data ORDER BY a DESC"});
  const std::string out = folder.path("y.csv");
  TableWriter writer(out, TableFormat::csv, all_of(reader), &reader);
  writer.append({2, std::vector<ColumnValues>(2)});
  writer.commit();
  EXPECT_EQ(bytes_of(out), "b,c\ny,2.5\nx,1.5\n");
}

TEST_F(TableWriting, another_number_of_rows_than_the_input_has_is_a_bug) {
  TableReader reader(put(folder, "x.csv", "a\n1\n2\n"));
  const std::string out = folder.path("y.csv");
  for (const std::int64_t rows : {1, 3})
    expect_error(ErrorCode::internal, "rows", [&] {
      TableWriter writer(out, TableFormat::csv, all_of(reader), &reader);
      writer.append({rows, std::vector<ColumnValues>(1)});
      writer.commit();
    });
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(TableWriting, what_is_not_committed_leaves_nothing) {
  put(folder, "y.csv", "old");
  for (const TableFormat format : {TableFormat::csv, TableFormat::parquet}) {
    TableWriter writer(folder.path("y.csv"), format, {{{.name = "x"}, -1}}, nullptr);
    writer.append({1, {{{1}, {}}}});
  }
  EXPECT_EQ(folder.names(), std::vector<std::string>{"y.csv"});
  EXPECT_EQ(bytes_of(folder.path("y.csv")), "old");
}

TEST_F(TableWriting, a_full_disk_is_an_error_and_leaves_nothing) {
  put(folder, "y.csv", "old");
  for (const TableFormat format : {TableFormat::csv, TableFormat::parquet, TableFormat::jsonl}) {
    const SimulatedFullDisk disk(100);
    expect_error(ErrorCode::io, "space", [&] {
      TableWriter writer(folder.path("y.csv"), format, {{{.name = "x"}, -1}}, nullptr);
      TableChunk chunk{5000, {{std::vector<double>(5000, 1.25), {}}}};
      writer.append(chunk);
      writer.commit();
    });
  }
  EXPECT_EQ(folder.names(), std::vector<std::string>{"y.csv"});
  EXPECT_EQ(bytes_of(folder.path("y.csv")), "old");
}

// At every possible byte.
TEST_F(TableWriting, a_disk_that_fills_up_anywhere_leaves_the_old_file) {
  put(folder, "y.csv", "old");
  for (const TableFormat format : {TableFormat::csv, TableFormat::parquet, TableFormat::jsonl}) {
    const auto write = [&] {
      TableWriter writer(folder.path("y.csv"), format,
                         {{{.name = "x"}, -1}, {{.name = "c", .type = ColumnType::text}, -1}},
                         nullptr);
      TableChunk chunk{3, {{{1, 2.5, 3}, {}}, {{}, {"a", "b", "c"}}}};
      writer.append(chunk);
      writer.commit();
    };
    bool done = false;
    std::int64_t room = 0;
    for (; !done && room < 5000; room += room < 40 ? 1 : 13) {
      const SimulatedFullDisk disk(room);
      try {
        write();
        done = true;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::io);
        ASSERT_NE(error.message().find("y.csv"), std::string::npos) << error.message();
        ASSERT_EQ(folder.names(), std::vector<std::string>{"y.csv"});
        ASSERT_EQ(bytes_of(folder.path("y.csv")), "old");
      }
    }
    EXPECT_TRUE(done);
    EXPECT_GT(room, 15);
    put(folder, "y.csv", "old");
  }
}

TEST_F(TableWriting, places_that_cannot_be_written_are_refused) {
  const auto write = [&](const std::string& path, std::vector<OutputColumn> columns) {
    TableWriter(path, TableFormat::csv, std::move(columns), nullptr);
  };
  expect_error(ErrorCode::io, "make the folder",
               [&] { write(folder.path("no/y.csv"), {{{.name = "x"}, -1}}); });
  expect_error(ErrorCode::invalid_argument, "got 'x' twice",
               [&] { write(folder.path("y.csv"), {{{.name = "x"}, -1}, {{.name = "x"}, -1}}); });
}

TEST_F(TableWriting, goes_to_the_standard_output_without_a_path) {
  ::testing::internal::CaptureStdout();
  TableWriter writer("", TableFormat::csv, {{{.name = "x"}, -1}}, nullptr);
  writer.append({2, {{{1, kNan}, {}}}});
  writer.commit();
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "x\n1\n\"\"\n");
}

}  // namespace
}  // namespace diabolo::table_writer_test
