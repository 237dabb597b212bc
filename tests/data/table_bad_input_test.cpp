// Bad tables: one clear line each, with line or row and column where it applies.
#include <diabolo/data/read.h>

#include <random>

#include "table_files.h"

namespace diabolo {
namespace {

class BadTable : public TableTest {
 protected:
  /// Writes `text` to x.csv and reads all of it, which must fail.
  void refuse(const std::string& text, const std::string& part,
              ErrorCode code = ErrorCode::corrupt_file, const TableOptions& options = {}) {
    const std::string path = put(folder, "x.csv", text);
    expect_error(code, part, [&] { rows_of(path, options); });
  }
  /// A header and 60,000 rows, more than the sniffer looks at.
  static std::string long_table() {
    std::string text = "a,b\n";
    for (int i = 0; i < 60000; ++i) text += "1,2\n";
    return text;
  }
};

TEST_F(BadTable, rows_of_another_length_are_named_by_line) {
  refuse("a,b,c\n1,2,3\n4,5\n6,7,8\n", "expected 3 columns in line 3 of '");
  refuse("a,b,c\n1,2,3\n4,5\n6,7,8\n", ", got 2; correct the line");
  refuse("a,b,c\n1,2,3\n4,5,6,7\n6,7,8\n", "expected 3 columns in line 3 of '");
  refuse("a;b;c\n1;2;3\n4;5\n6;7;8\n", "expected 3 columns in line 3 of '");
  refuse(long_table() + "7\n", "expected 2 columns in line 60002 of '");
  refuse(long_table() + "7,8,9\n", ", got 3; correct the line");
}

TEST_F(BadTable, a_longer_row_of_few_is_not_taken_for_the_table) {
  refuse("a,b\n1,2\n4,5\n6,7\n3,4,5\n", "expected 2 columns in line 5 of '");
  refuse("a,b\n1,2\n4,5\n6,7\n3,4,5\n",
         ", got 3; correct the line (what holds a ',' needs quotes)");
  refuse("# two\r\n\r\na;b\r\n1;2\r\n\"4;4\";5\r\n3;4;5\r\n3;4;5",
         "expected 2 columns in line 6 of '");
  refuse("made by hand\nin 2020\na,b\n1,2\n4,5\n", "expected 2 columns in line 1 of '");
  std::string many = "a,b\n";
  for (int i = 0; i < 12000; ++i) many += "1.25,2.5\n";
  refuse(many + "1,2,3\n", "expected 2 columns in line 12002 of '");
}

TEST_F(BadTable, a_header_of_another_length_is_not_skipped) {
  refuse("a,b\n1,2,3\n4,5,6\n", "expected 3 columns in line 1 of '");
  refuse("569,30\n1,2,3\n4,5,6\n", "got 2; correct it, or give --csv skip=1");
  EXPECT_EQ(rows_of(put(folder, "y.csv", "# made by hand\n\na,b\n1,2\n")), "1|2;");
}

TEST_F(BadTable, an_open_quote_is_named_by_line) {
  refuse("a,b\n1,\"x\n2,y\n3,z\n", "expected a closing quote for what begins in line 2 of '");
  refuse(long_table() + "7,\"x\n" + long_table(), "begins in line 60002 of '");
  EXPECT_EQ(rows_of(put(folder, "y.csv", "a,b\n1,\"x\n2,y\n"), {.csv = {{"quote", ""}}}),
            "1|\"x;2|y;");
}

TEST_F(BadTable, other_bytes_than_utf_8_are_named_by_line) {
  refuse("a,b\n1,caf\xe9\n", "give --csv encoding=latin-1");
  refuse(long_table() + "1,caf\xe9\n", "expected UTF-8 in line 60002 of '");
}

TEST_F(BadTable, without_rows_is_refused) {
  refuse("", "got an empty file");
  refuse("\n \n\n", "got blank lines");
  refuse("a,b\n", "expected at least one row in '");
  refuse("a,b", "got only a line of column names");
}

TEST_F(BadTable, two_columns_of_one_name_are_refused) {
  refuse("a,b,a\n1,2,3\n", "got 'a' in columns 0 and 2 (counted from 0); rename one");
}

TEST_F(BadTable, typed_columns_whose_names_SQL_does_not_tell_apart_are_refused) {
  const std::string path = folder.path("x.parquet");
  TableWriter writer(path, TableFormat::parquet, {{{.name = "xa"}}, {{.name = "xb"}}});
  writer.append({1, {{{1}, {}}, {{2}, {}}}});
  writer.commit();
  const std::string whole = bytes_of(path);
  EXPECT_EQ(fields_of(path), "xa real, xb real");
  for (const std::string name : {"xa", "XA"}) {
    std::string twice = whole;
    for (std::size_t at = 0; (at = twice.find("xb", at)) != std::string::npos;)
      twice.replace(at, 2, name);
    refuse(twice, "got 'xa' and '" + name + "' in columns 0 and 1 (counted from 0); rename one");
  }
  refuse("{\"a\":1,\"b\":2,\"A\":3}\n", "got 'a' and 'A' in columns 0 and 2");
  refuse("{\"a\":1,\"a\":2}\n", "expected each name once in an object of '");
  EXPECT_EQ(fields_of(put(folder, "y.jsonl", "{\"a\":1,\"A_1\":2}\n")), "a integer, A_1 integer");
}

TEST_F(BadTable, a_cell_that_does_not_fit_is_named_by_row_and_column) {
  std::string text = "a,b\n";
  for (int i = 0; i < 70000; ++i) text += "1,0.5\n";
  refuse(text + "1, abc\n1,2\n",
         "expected a number in column 'b', row 70000 (counted from 0) of '" + folder.path("x.csv") +
             "', got ' abc'; correct the cell, or give --missing, or --kind b=categorical");
  refuse("a\ntrue\nmaybe\n", "expected true or false in column 'a', row 1 ",
         ErrorCode::corrupt_file, {.types = {{"a", ColumnType::boolean}}});
  std::string whole = "a\n";
  for (int i = 0; i < 5000; ++i) whole += "1\n";
  refuse(whole + "1.5\n", "or give --csv sample_size=-1", ErrorCode::corrupt_file,
         {.csv = {{"sample_size", "100"}}});
}

/// A reader may go while blocks of rows are still being made for it: as a cell is refused, as its
/// user has an error of his own, or has enough.
TEST_F(BadTable, reading_can_end_anywhere) {
  const std::string temporary = folder.path("tmp");
  std::filesystem::create_directory(temporary);
  ::setenv("TMPDIR", temporary.c_str(), 1);
  std::string dates = "a,b\n", numbers = dates, json;
  for (int i = 0; i < 70000; ++i) {
    dates += fmt::format("2020-01-{:02},{}\n", i % 28 + 1, i % 7);
    numbers += "1,0.5\n";
    json += "{\"a\":1,\"b\":0.5}\n";
  }
  const std::string rest = numbers.substr(4);
  put(folder, "dates.csv", dates + "not a date,3\n" + dates.substr(4));
  put(folder, "numbers.csv", numbers + "1, abc\n" + rest + rest);
  put(folder, "x.jsonl", json + "{\"a\":1,\"b\":\"x\"}\n" + json);
  for (int k = 0; k < 8; ++k) {
    expect_error(ErrorCode::corrupt_file, "row 70000 ", [&] { rows_of(folder.path("dates.csv")); });
    expect_error(ErrorCode::corrupt_file, "row 70000 ",
                 [&] { rows_of(folder.path("numbers.csv")); });
    expect_error(ErrorCode::corrupt_file, "row 70000 ",
                 [&] { rows_of(folder.path("x.jsonl"), {.types = {{"b", ColumnType::real}}}); });
    TableReader reader(folder.path("dates.csv"));
    TableChunk chunk;
    for (int block = 0; block < k % 5; ++block) reader.next(chunk);
    if (k % 2 == 0) reader.rewind();
    if (k % 3 == 0) reader.next(chunk);
  }
  ::unsetenv("TMPDIR");
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

TEST_F(BadTable, what_is_no_text_is_refused) {
  refuse(std::string("a,b\n1,\0\n", 8), "expected text in '");
  refuse(std::string("a,b\n1,\0\n", 8), "got a zero byte in line 2; remove it, or give --csv");
  refuse(std::string("a,b\n1,\0\1\n", 9), "got bytes that are neither");
  refuse("\x89HDF\r\n\x1a\n", "expected");
  refuse("a,b\r\n1,2\n3,4\r\n", "expected one kind of line ends");
  refuse("a,b\n1," + std::string(3000000, 'x') + "\n2,y\n", "expected lines of at most 2,000,000");
  refuse("a" + std::string(50000, ',') + "\n", "at most 20000 columns", ErrorCode::unsupported);
  refuse(gzipped("a,b\n1,2\n").substr(0, 25), "whole gzip file");
  refuse("PAR1", "expected a whole Parquet file");
  refuse("PAR1" + std::string(100, 'x') + "PAR1", "expected a whole Parquet file");
  refuse("PARE" + std::string(100, 'x') + "PARE", "not encrypted", ErrorCode::unsupported);
}

TEST_F(BadTable, paths_without_a_file_are_refused) {
  expect_error(ErrorCode::io, "got nothing there", [&] { TableReader(folder.path("no.csv")); });
  expect_error(ErrorCode::io, "got a folder", [&] { TableReader(folder.path()); });
  expect_error(ErrorCode::io, "pipe or device", [] { TableReader("/dev/null"); });
}

TEST_F(BadTable, nested_columns_that_are_wanted_are_refused) {
  const auto refuse_b = [&](const std::string& text, const std::string& part) {
    const std::string path = put(folder, "x.jsonl", text);
    expect_error(ErrorCode::unsupported, part, [&] { read(path); });
    expect_error(ErrorCode::unsupported, part,
                 [&] { read(path, {.columns = {.kinds = {{"b", "categorical"}}}}); });
    EXPECT_EQ(read(path, {.columns = {.drop = {"b"}}}).dimensions(), 1);
  };
  refuse_b("{\"a\":1,\"b\":{\"c\":1}}\n{\"a\":2}\n", "got 'b' of type");
  refuse_b("{\"a\":1,\"b\":{\"c\":1}}\n{\"a\":2}\n", "STRUCT(c BIGINT)");
  refuse_b("{\"a\":1,\"b\":2}\n{\"a\":2,\"b\":[2]}\n", "or take it apart with --query");
}

TEST_F(BadTable, lines_that_are_no_json_are_refused) {
  refuse("{\"a\":1}\n{\"a\":2\n{\"a\":3}\n", "text that is none in line 2; correct it");
  refuse("{\"a\":1\n{\"a\":3}\n", "in line 1;");
  refuse("{\"a\":1}\r\n\r\n \t\r\n{\"a\":3", "in line 4;");
  std::string many;
  for (int i = 0; i < 70000; ++i) many += i % 2 == 0 ? "{\"a\":1}\n" : "\n";
  refuse(many + "{\"a\":\n" + many, "in line 70001;");
  refuse(gzipped(many + "hello\n{\"a\":1}\n"), "in line 70001;");
  refuse("[{\"a\":1},\n{\"a\":}]", "expected a list of JSON objects in '");
  refuse("[{\"a\":1},\n{\"a\":}]", "got text that is none in object 2;");
  refuse("\n{\"a\":1}\n\n{\"a\":1,\"b\":2,\"b\":2}\n", "got one twice in line 4;");
}

TEST_F(BadTable, a_line_in_a_message_is_one_line) {
  refuse("a,b\n1,2\n1,\"x\ny\"\n", "got 'x?y'", ErrorCode::corrupt_file,
         {.types = {{"b", ColumnType::real}}});
}

/// Damaged tables are read or refused; nothing else may happen.
TEST_F(BadTable, damage_never_does_more_than_fail) {
  const std::string tables[] = {
      "id,name,when,ok\n1,\"a, \"\"b\"\"\",2000-01-02,true\n2,c,NA,false\n3,,2001-01-01,\n",
      "a;b\r\n1,5;x\r\n2,5;y\r\n",
      "{\"a\":1,\"b\":\"x\"}\n{\"a\":2.5,\"b\":null}\n",
      gzipped("a,b\n1,2\n3,4\n"),
  };
  std::mt19937 random(1);
  int read = 0, refused = 0;
  for (const std::string& table : tables)
    for (int k = 0; k < 60; ++k) {
      std::string text = table;
      if (k % 3 == 0) text.resize(random() % text.size());
      for (unsigned n = random() % 4; n > 0 && !text.empty(); --n)
        text[random() % text.size()] = static_cast<char>(random() % 256);
      try {
        rows_of(put(folder, "x.csv", text));
        ++read;
      } catch (const Error& error) {
        ++refused;
        EXPECT_EQ(error.message().find('\n'), std::string::npos) << error.what();
        EXPECT_NE(error.code(), ErrorCode::internal) << error.what();
      }
    }
  EXPECT_GT(read, 10);
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace diabolo
