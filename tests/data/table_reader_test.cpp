#include <limits>
#include <sstream>

#include "table_files.h"

namespace diabolo {
namespace {

using TableReading = TableTest;

/// `count` lines "i,i.5" after the header "a,b", then `last`.
std::string many_lines(int count, const std::string& last) {
  std::ostringstream text("a,b\n", std::ios::ate);
  for (int i = 0; i < count; ++i) text << i << ',' << i << ".5\n";
  return text.str() + last;
}

TEST_F(TableReading, gives_names_types_and_cells) {
  const std::string path =
      put(folder, "x.csv", "id,height,name,adult\n1,1.5,Ann,true\n2,-2e3,\"Bob, Jr\",false\n");
  EXPECT_EQ(fields_of(path), "id integer, height real, name text, adult boolean [true/false]");
  EXPECT_EQ(rows_of(path), "1|1.5|Ann|1;2|-2000|Bob, Jr|0;");
}

TEST_F(TableReading, can_begin_again) {
  TableReader reader(put(folder, "x.csv", many_lines(5000, "")));
  const std::string first = rows_of(reader);
  TableChunk chunk;
  EXPECT_FALSE(reader.next(chunk));
  reader.rewind();
  ASSERT_TRUE(reader.next(chunk));
  reader.rewind();
  EXPECT_EQ(rows_of(reader), first);
}

TEST_F(TableReading, goes_by_content_and_not_by_ending) {
  EXPECT_EQ(rows_of(put(folder, "x.npy", "a\tb\n1\tx y\n")), "1|x y;");
  EXPECT_EQ(TableReader(put(folder, "x.csv", "a\tb\n1\tx y\n")).format(), TableFormat::tsv);
  EXPECT_EQ(rows_of(put(folder, "y.csv", "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n")), "1|x;2|-;");
  EXPECT_EQ(rows_of(put(folder, "z.txt", gzipped("a,b\n1,2\n"))), "1|2;");
}

TEST_F(TableReading, takes_paths_that_look_like_patterns_or_partitions) {
  EXPECT_EQ(rows_of(put(folder, "it's [1]*? größe.csv", "a\n1\n")), "1;");
  std::filesystem::create_directory(folder.path("k=5"));
  EXPECT_EQ(fields_of(put(folder, "k=5/x.csv", "a\n1\n")), "a integer");
}

TEST_F(TableReading, words_that_mean_missing_are_found_before_types_are_inferred) {
  const std::string path =
      put(folder, "x.csv", "a,b,c\n1,NA,NULL\n , None,x\n2.5,3,NaN\nN/A,  null ,y\n");
  EXPECT_EQ(fields_of(path), "a real, b integer, c text");
  EXPECT_EQ(rows_of(path), "1|-|-;-|-|x;2.5|3|-;-|-|y;");
}

TEST_F(TableReading, more_words_can_mean_missing_whatever_spaces_stand_around_them) {
  const std::string path = put(folder, "x.csv", "a,b\n1, ?\n-200,   ?  \n-200.0, x\n3, ?x\n");
  EXPECT_EQ(rows_of(path, {.missing = {"?", "-200"}}), "1|-;-|-;-| x;3| ?x;");
  EXPECT_EQ(rows_of(path, {.missing = {"?x", "?"}}), "1|-;-200|-;-200| x;3|-;");
  EXPECT_EQ(fields_of(put(folder, "y.csv", "a\n1\n    ?\n 2\n"), {.missing = {"?"}}), "a integer");
}

TEST_F(TableReading, text_keeps_its_spaces) {
  EXPECT_EQ(rows_of(put(folder, "x.csv", "a,b\n1, x\n2,y \n")), "1| x;2|y ;");
}

TEST_F(TableReading, infinities_are_passed_on) {
  EXPECT_EQ(rows_of(put(folder, "x.csv", "a\n1\ninf\n-inf\n1e999\n")), "1;inf;-inf;inf;");
}

TEST_F(TableReading, zeros_before_a_number_make_it_a_name) {
  EXPECT_EQ(rows_of(put(folder, "x.csv", "zip\n00123\n04567\n")), "00123;04567;");
}

TEST_F(TableReading, booleans_are_of_many_words) {
  const std::string path = put(folder, "x.csv", "a,b,c\nTrue,yes,T\nFalse,no,F\nNA,no,T\n");
  EXPECT_EQ(fields_of(path), "a boolean [True/False], b boolean [yes/no], c boolean [T/F]");
  EXPECT_EQ(rows_of(path), "1|1|1;0|0|0;-|0|1;");
}

TEST_F(TableReading, dates_and_times_are_seconds) {
  const std::string path = put(folder, "x.csv",
                               "d,s,t,z\n"
                               "2000-01-02,2000-01-02 00:00:01.5,10:30:00,\n"
                               "NA,1969-12-31 23:59:59,00:00:01,2000-01-02T00:00:01Z\n");
  EXPECT_EQ(fields_of(path),
            "d date, s timestamp [%Y-%m-%d %H:%M:%S.%f], t time, z timestamp [%Y-%m-%dT%H:%M:%SZ]");
  EXPECT_EQ(rows_of(path), "946771200|946771201.5|37800|-;-|-1|1|946771201;");
}

TEST_F(TableReading, dates_keep_the_format_of_their_file) {
  const std::string path = put(folder, "x.csv", "d\n13/01/2000\n02/01/2000\n31/02/2000\n");
  TableReader reader(path, {.missing = {"31/02/2000"}});
  EXPECT_EQ(fields_of(reader), "d date [%d/%m/%Y]");
  EXPECT_EQ(rows_of(reader), "947721600;946771200;-;");
  EXPECT_EQ(fields_of(put(folder, "y.csv", "d,t\n2000/01/02,10:30\n")),
            "d date [%Y/%m/%d], t time [%H:%M]");
}

TEST_F(TableReading, a_first_line_with_gaps_that_may_hold_names_is_told) {
  const auto told = [&](const std::string& text, const TableOptions& options = {}) {
    const Warnings warnings;
    rows_of(put(folder, "x.csv", text), options);
    return warnings.texts;
  };
  const auto lines = told(",,c\n1,2,x\n4,5,y\n");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("takes the first line of '"), std::string::npos) << lines[0];
  EXPECT_EQ(told(",,c\n1,2,x\n4,5,y\n", {.csv = {{"header", "false"}}}).size(), 0u);
  EXPECT_EQ(told(",,c\n1,2,x\n4,5,y\n", {.csv = {{"header", "true"}}}).size(), 2u);  // no names
  EXPECT_EQ(told(",,c\n1,2,3\n4,5,6\n").size(), 2u);
  EXPECT_EQ(told(",2,c\n1,2,x\n4,5,y\n").size(), 0u);
  EXPECT_EQ(told("1,2,c\n1,,x\n4,5,y\n").size(), 0u);
}

TEST_F(TableReading, all_rows_of_a_small_file_decide_between_whole_numbers_and_fractions) {
  EXPECT_EQ(fields_of(put(folder, "x.csv", many_lines(30000, "7.25,1\n"))), "a real, b real");
  EXPECT_EQ(fields_of(put(folder, "y.csv", many_lines(30000, "x,1\n"))), "a integer, b real");
}

TEST_F(TableReading, a_column_that_begins_empty_has_the_type_of_what_comes) {
  std::string text = "a,b\n";
  for (int i = 0; i < 25000; ++i) text += "1,\n";
  EXPECT_EQ(fields_of(put(folder, "x.csv", text + "2,0.5\n")), "a integer, b real");
  EXPECT_EQ(fields_of(put(folder, "y.csv", text)), "a integer, b text");
}

TEST_F(TableReading, a_type_can_be_wanted) {
  const std::string path = put(folder, "x.csv", "a,b,c,d\n1,1,2000-01-02,x\n2,0,2000-01-03,y\n");
  const TableOptions options{
      .types = {{"a", ColumnType::text}, {"b", ColumnType::boolean}, {"c", ColumnType::text}}};
  EXPECT_EQ(fields_of(path, options), "a text, b boolean [1/0], c text, d text");
  EXPECT_EQ(rows_of(path, options), "1|1|2000-01-02|x;2|0|2000-01-03|y;");
  expect_error(ErrorCode::corrupt_file, "expected a number in column 'd', row 0 (counted from 0)",
               [&] { rows_of(path, {.types = {{"d", ColumnType::real}}}); });
  expect_error(ErrorCode::corrupt_file, "expected a date in column 'd', row 0",
               [&] { rows_of(path, {.types = {{"d", ColumnType::date}}}); });
  expect_error(ErrorCode::invalid_argument, "got 'dd'; did you mean 'd'?",
               [&] { rows_of(path, {.types = {{"dd", ColumnType::real}}}); });
}

TEST_F(TableReading, options_of_csv_are_passed_on_and_unknown_ones_refused) {
  const auto rows = [&](const std::string& text, const TableOptions& options) {
    return rows_of(put(folder, "x.csv", text), options);
  };
  EXPECT_EQ(rows("a b\n1 2\n", {.csv = {{"delimiter", " "}}}), "1|2;");
  EXPECT_EQ(rows("a\tb\n1\tx\n", {.csv = {{"delimiter", "\\t"}}}), "1|x;");
  EXPECT_EQ(rows("a,b\n1,'x,y'\n", {.csv = {{"quote", "'"}}}), "1|x,y;");
  EXPECT_EQ(rows("a,b\n1,\"x \\\"y\\\"\"\n", {.csv = {{"escape", "\\"}}}), "1|x \"y\";");
  EXPECT_EQ(rows("1,2\n3,4\n", {.csv = {{"header", "true"}}}), "3|4;");
  EXPECT_EQ(rows("note\na,b\n1,2\n", {.csv = {{"skip", "1"}}}), "1|2;");
  EXPECT_EQ(rows("a;b\n1.234,5;x\n", {.csv = {{"decimal_separator", ","}, {"thousands", "."}}}),
            "1234.5|x;");
  EXPECT_EQ(rows("a,b\n1\n3,4\n", {.csv = {{"null_padding", "true"}, {"delimiter", ","}}}),
            "1|-;3|4;");
  EXPECT_EQ(rows("a\n01/23/2000 10:00\n", {.csv = {{"timestampformat", "%m/%d/%Y %H:%M"}}}),
            "948621600;");
  const auto refuse = [&](const std::string& key, const std::string& value, const char* part) {
    expect_error(ErrorCode::invalid_argument, part,
                 [&] { rows("a,b\n1,2\n", {.csv = {{key, value}}}); });
  };
  refuse("delimitr", ",", "got 'delimitr'; did you mean 'delimiter'?");
  refuse("skip", "x", "a whole number for the CSV option skip, got 'x'");
  refuse("skip", "-1", "a whole number");
  refuse("header", "maybe", "true or false for the CSV option header");
  refuse("quote", "xx", "one character");
  refuse("encoding", "ebcdic", "encoding utf-8, latin-1 or utf-16");
  refuse("delimiter", "", "at least one character");
}

TEST_F(TableReading, latin_1_and_utf_16_are_read_when_named) {
  const std::string latin = put(folder, "x.csv", "a,b\n1,caf\xe9\n");
  EXPECT_EQ(rows_of(latin, {.csv = {{"encoding", "latin-1"}}}), "1|café;");
  const std::string wide = put(folder, "y.csv",
                               std::string("\xff\xfe"
                                           "a\0,\0b\0\n\0"
                                           "1\0,\0\xe9\0\n\0",
                                           18));
  EXPECT_EQ(rows_of(wide, {.csv = {{"encoding", "UTF-16"}}}), "1|é;");
}

TEST_F(TableReading, decimal_commas_are_seen_where_semicolons_separate) {
  const std::string path = put(folder, "x.csv", "a;b;c\n1,5;x;2\n-0,25;y;3\n3;z;4\n");
  EXPECT_EQ(fields_of(path), "a real, b text, c integer");
  EXPECT_EQ(rows_of(path), "1.5|x|2;-0.25|y|3;3|z|4;");
  EXPECT_EQ(rows_of(path, {.csv = {{"decimal_separator", ","}}}), "1.5|x|2;-0.25|y|3;3|z|4;");
  EXPECT_EQ(fields_of(path, {.csv = {{"decimal_separator", "."}}}), "a text, b text, c integer");
}

TEST_F(TableReading, decimal_commas_are_seen_in_columns_of_a_given_type) {
  const TableOptions given{.types = {{"a", ColumnType::real}, {"c", ColumnType::real}}};
  const std::string text = "a;b;c\n1,5;x;2\n-0,25;y;3\n3;z;4\n";
  EXPECT_EQ(rows_of(put(folder, "x.csv", text), given), "1.5|x|2;-0.25|y|3;3|z|4;");
  const std::string points = put(folder, "points.csv", "a;c\n1.5;1\n2.25;2\n");
  EXPECT_EQ(rows_of(points, given), "1.5|1;2.25|2;");
  const std::string path = put(folder, "old.csv", text + "old;z;4\n");
  expect_error(ErrorCode::corrupt_file, "row 3 (counted from 0) of '" + path + "', got 'old'",
               [&] { rows_of(path, given); });
}

TEST_F(TableReading, a_file_without_names_gets_some) {
  EXPECT_EQ(fields_of(put(folder, "x.csv", "1,2\n3,4\n")), "column0 integer, column1 integer");
}

TEST_F(TableReading, a_column_without_a_name_gets_one_and_that_is_said) {
  Warnings warnings;
  EXPECT_EQ(fields_of(put(folder, "x.csv", ",b\n1,2\n")), "column0 integer, b integer");
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_NE(warnings.texts[0].find("column 0 of"), std::string::npos);
}

TEST_F(TableReading, names_may_differ_in_case_alone) {
  EXPECT_EQ(fields_of(put(folder, "x.csv", "a,A\n1,2\n")), "a integer, A integer");
}

TEST_F(TableReading, three_thousand_columns_are_read) {
  std::string names = "x0", cells = "0";
  for (int j = 1; j < 3000; ++j) {
    names += fmt::format(",x{}", j);
    cells += fmt::format(",{}", j);
  }
  TableReader reader(put(folder, "x.csv", names + "\n" + cells + "\n" + cells + "\n"));
  TableChunk chunk;
  ASSERT_TRUE(reader.next(chunk));
  ASSERT_EQ(chunk.columns.size(), 3000u);
  EXPECT_EQ(chunk.columns[2999].numbers[1], 2999);
}

TEST_F(TableReading, json_lines_have_the_types_of_all_rows) {
  std::string text;
  for (int i = 0; i < 30000; ++i) text += "{\"a\":1}\n";
  TableReader reader(put(folder, "x.jsonl", text + "{\"a\":1.5,\"late\":true}\n"));
  EXPECT_EQ(fields_of(reader), "a real, late boolean");
  EXPECT_TRUE(rows_of(reader).ends_with("1|-;1.5|1;"));
  EXPECT_EQ(rows_of(put(folder, "y.jsonl", "{\"a\":1}\n{\"a\":\"NA\"}\n{\"a\":null}\n")), "1;-;-;");
  EXPECT_EQ(rows_of(put(folder, "z.json", "[{\"a\":1},{\"a\":2}]")), "1;2;");
}

TEST_F(TableReading, leaves_nothing_in_the_temporary_folder) {
  const std::string temporary = folder.path("tmp");
  std::filesystem::create_directory(temporary);
  ::setenv("TMPDIR", temporary.c_str(), 1);
  const std::string path = put(folder, "x.csv", "a\n1\n");
  rows_of(path);
  rows_of(path, {.query = "SELECT a FROM data"});
  ::unsetenv("TMPDIR");
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

TEST(Table, is_told_by_its_first_bytes) {
  TempFolder folder;
  EXPECT_TRUE(is_table(put(folder, "a.csv", "a,b\n1,2\n")));
  EXPECT_TRUE(is_table(put(folder, "b", gzipped("a,b\n1,2\n"))));
  EXPECT_TRUE(is_table(put(folder, "c", "PAR1\x15\x04")));
  EXPECT_TRUE(is_table(put(folder, "d.csv", "")));
  EXPECT_TRUE(is_table("-"));
  EXPECT_FALSE(is_table(put(folder, "e", "")));
  EXPECT_TRUE(is_table(put(folder, "f", std::string("a,b\n1,\0\n", 8))));
  EXPECT_FALSE(is_table(put(folder, "g", std::string("a,b\n1,\0\1\n", 9))));
  EXPECT_FALSE(is_table(put(folder, "h", std::string("\0\0\nabc", 6))));
  EXPECT_FALSE(is_table(fixture("f32.npy")));
  EXPECT_FALSE(is_table(fixture("two.npz")));
  EXPECT_FALSE(is_table(fixture("grey.jpg")));
  EXPECT_FALSE(is_table(folder.path()));
  EXPECT_FALSE(is_table(folder.path("nothing.npy")));
  EXPECT_TRUE(is_table(folder.path("nothing.csv"))) << "what is not there goes by its ending";
}

TEST(Table, format_is_told_by_the_ending) {
  TableFormat format{};
  EXPECT_TRUE(table_format("x.CSV", format));
  EXPECT_EQ(format, TableFormat::csv);
  EXPECT_TRUE(table_format("a.b/x.jsonl", format));
  EXPECT_EQ(format, TableFormat::jsonl);
  EXPECT_FALSE(table_format("csv", format));
  EXPECT_FALSE(table_format("x.npy", format));
}

TEST(TableLibrary, that_is_absent_is_said_in_one_line) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto open_without = [] {
    ::setenv("DIABOLO_DUCKDB", "/nothing/libduckdb.so", 1);
    TempFolder folder;
    try {
      TableReader(put(folder, "x.csv", "a\n1\n"));
    } catch (const Error& error) {
      fmt::print(stderr, "{} {}\n", name(error.code()), error.message());
      std::exit(have_tables() ? 1 : 0);
    }
  };
  EXPECT_EXIT(open_without(), ::testing::ExitedWithCode(0),
              "^unsupported expected DuckDB's library to read and write tables, got "
              "'/nothing/libduckdb.so' from DIABOLO_DUCKDB .*; correct its path\n$");
}

}  // namespace
}  // namespace diabolo
