#include "table_files.h"

namespace diabolo {
namespace {

class TableQuery : public TableTest {
 protected:
  std::string query(const std::string& sql, TableOptions options = {}) {
    options.query = sql;
    return rows_of(path(), options);
  }
  void refuse(const std::string& sql, const std::string& part,
              ErrorCode code = ErrorCode::invalid_argument) {
    expect_error(code, part, [&] { query(sql); });
  }
  std::string path() const { return folder.path("x.csv"); }
  void SetUp() override {
    TableTest::SetUp();
    put(folder, "x.csv", "a,b,c\n1, ?,x\n2,2.5,NA\n3,-200,z\n");
    put(folder, "other.csv", "secret\n1\n");
  }
  const TableOptions missing{.missing = {"?", "-200"}};
};

TEST_F(TableQuery, reads_the_table_data) {
  EXPECT_EQ(query("SELECT a * 2 AS d, c FROM data WHERE a <> 2 ORDER BY a DESC"), "6|z;2|x;");
  EXPECT_EQ(query("FROM data;"), "1| ?|x;2|2.5|-;3|-200|z;");
  EXPECT_EQ(query("WITH t AS (SELECT max(a) m FROM data) SELECT m FROM t -- the largest"), "3;");
}

TEST_F(TableQuery, sees_what_is_missing_as_null) {
  EXPECT_EQ(query("SELECT avg(b), count(c) FROM data", missing), "2.5|2;");
}

TEST_F(TableQuery, may_name_the_file) {
  EXPECT_EQ(query("SELECT count(*) FROM '" + path() + "'"), "3;");
}

TEST_F(TableQuery, gives_the_same_rows_at_every_pass) {
  TableReader reader(path(), {.query = "SELECT random() AS r FROM data"});
  const std::string first = rows_of(reader);
  reader.rewind();
  EXPECT_EQ(rows_of(reader), first);
}

TEST_F(TableQuery, types_can_be_wanted_of_its_result) {
  EXPECT_EQ(query("SELECT a AS n, a AS t FROM data", {.types = {{"t", ColumnType::text}}}),
            "1|1;2|2;3|3;");
  EXPECT_EQ(fields_of(path(), {.query = "SELECT a AS n, a AS t FROM data",
                               .types = {{"t", ColumnType::text}, {"n", ColumnType::real}}}),
            "n real, t text");
}

TEST_F(TableQuery, knows_dates_booleans_and_decimal_commas) {
  const std::string german = put(folder, "y.csv", "d;ok;x\n31.12.1999;yes;1,5\n01.01.2000;no;2\n");
  EXPECT_EQ(rows_of(german, {.query = "SELECT d + 1, NOT ok, x * 2 FROM data"}),
            "946684800|0|3;946771200|1|4;");
}

TEST_F(TableQuery, that_does_anything_else_is_refused) {
  const std::string expected = "expected one SELECT as the query, got ";
  refuse("SELECT 1; SELECT 2", expected + "2 statements");
  refuse("-- nothing", expected + "nothing");
  for (const char* sql : {"CREATE TABLE t AS SELECT 1", "SET threads = 1", "ATTACH 'x.db'",
                          "INSTALL httpfs", "LOAD httpfs", "DROP VIEW data", "EXPLAIN SELECT 1"})
    refuse(sql, expected + "another statement");
  for (const char* sql : {"PRAGMA version", "DESCRIBE data", "INSERT INTO data VALUES (1, 2, 'x')"})
    refuse(sql, "expected a query that runs");
  refuse("SELEC", "syntax error at or near \"SELEC\"");
  refuse("SELECT nope FROM data", "Referenced column \"nope\" not found");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"other.csv", "x.csv"}));
}

TEST_F(TableQuery, that_uses_another_file_is_refused) {
  const std::string other = folder.path("other.csv");
  for (const std::string& sql : std::initializer_list<std::string>{
           "SELECT * FROM '" + other + "'", "SELECT * FROM read_csv('" + other + "')",
           "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM glob('/etc/*')",
           "SELECT * FROM '" + folder.path("*.csv") + "'", "COPY data TO '" + other + "'"})
    refuse(sql, "alone (as the table `data`)");
  refuse("COPY data TO '" + path() + "'", "expected one SELECT");
  EXPECT_EQ(bytes_of(other), "secret\n1\n");
  EXPECT_EQ(bytes_of(path()).substr(0, 5), "a,b,c");
}

TEST_F(TableQuery, names_a_cell_that_does_not_fit) {
  std::string text = "a\n";
  for (int i = 0; i < 30000; ++i) text += "1\n";
  const std::string bad = put(folder, "y.csv", text + "x\n");
  expect_error(ErrorCode::corrupt_file, "expected a whole number in column 'a', got 'x'",
               [&] { rows_of(bad, {.query = "SELECT sum(a) FROM data"}); });
}

TEST_F(TableQuery, that_gives_two_columns_of_one_name_is_refused) {
  refuse("SELECT a, b, a FROM data; -- twice",
         "got 'a' and 'a' in columns 0 and 2 (counted from 0); rename one");
  refuse("WITH t AS (FROM data) SELECT a, b AS A FROM t", "got 'a' and 'A' in columns 0 and 1");
  refuse("FROM data p, data q", "in columns 0 and 3");
  const std::string path = put(folder, "y.csv", "a,A\n1,2\n");
  EXPECT_EQ(rows_of(path), "1|2;");
  expect_error(ErrorCode::corrupt_file, "got 'a' and 'A' in columns 0 and 1",
               [&] { rows_of(path, {.query = "SELECT A FROM data"}); });
}

TEST_F(TableQuery, that_gives_nothing_is_refused) {
  refuse("SELECT * FROM data WHERE false", "expected at least one row", ErrorCode::corrupt_file);
}

TEST_F(TableQuery, names_a_line_of_json_that_does_not_fit) {
  const std::string text = "{\"a\":1}\n", path = put(folder, "y.jsonl", text + "\n{\"a\":\"x\"}\n");
  expect_error(ErrorCode::corrupt_file, "another in line 3;", [&] {
    rows_of(path, {.csv = {{"sample_size", "1"}}, .query = "SELECT a + 1 AS b FROM data"});
  });
}

TEST_F(TableQuery, takes_objects_and_lists_apart) {
  const std::string json =
      put(folder, "x.jsonl",
          "{\"a\":1,\"b\":{\"c\":2,\"d\":[3,4]},\"e\":5}\n{\"a\":6,\"e\":{\"f\":7}}\n");
  EXPECT_EQ(rows_of(json, {.query = "SELECT a, b.c, b.d[2] AS d, e->>'f' AS f FROM data"}),
            "1|2|4|-;6|-|-|7;");
  EXPECT_EQ(fields_of(json, {.query = "SELECT a, b FROM data"}), "a integer, b text");
  EXPECT_TRUE(TableReader(json, {.query = "SELECT [a] AS l FROM data"}).fields()[0].is_opaque);
}

TEST_F(TableQuery, that_needs_more_than_memory_spills_and_leaves_nothing) {
  const std::string temporary = folder.path("tmp");
  std::filesystem::create_directory(temporary);
  ::setenv("TMPDIR", temporary.c_str(), 1);
  TableReader reader(path(), {.query = "SELECT hash(range) h, range || repeat('x', 100) s "
                                       "FROM range(6000000)"});
  ::unsetenv("TMPDIR");
  EXPECT_FALSE(std::filesystem::is_empty(temporary));
  TableChunk chunk;
  std::int64_t rows = 0;
  while (reader.next(chunk)) rows += chunk.rows;
  EXPECT_EQ(rows, 6000000);
  reader = TableReader(path());
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

}  // namespace
}  // namespace diabolo
