// Tables as they come and go, a block of rows at a time: typed columns with missing cells. DuckDB
// reads and writes them (duckdb/); its library is opened at the first table.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

enum class ColumnType { boolean, integer, real, text, date, time, timestamp };

/// "integer", "real", ...
std::string_view name(ColumnType type);

/// Name and type of a column.
struct Field {
  std::string name;
  ColumnType type = ColumnType::real;
  std::string sql_type = "DOUBLE";  ///< as DuckDB calls it: what is written back has this type
  /// In a text file: of dates and times (strftime), if not ISO; of booleans their words, true
  /// first: "yes/no".
  std::string format = {};
  /// Of objects, lists or bytes, which no model takes: a column of text whose cells are not read
  /// (all are missing), but can be repeated by a TableWriter. A query can take it apart.
  bool is_opaque = false;

  friend bool operator==(const Field&, const Field&) = default;
};

/// Seconds.
inline constexpr double kDay = 86400;
/// A missing number, in tables and in what a model sees of them.
inline constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// The cells of a column for a block of rows. All types but text are numbers: booleans 0 and 1,
/// dates and timestamps seconds since 1970-01-01 (UTC), times seconds since midnight.
struct ColumnValues {
  std::vector<double> numbers;         ///< kMissing: missing
  std::vector<std::string_view> text;  ///< data() == nullptr: missing
};

struct TableChunk {
  std::int64_t rows = 0;
  std::vector<ColumnValues> columns;  ///< as many as there are fields
};

enum class TableFormat { csv, tsv, parquet, jsonl };

struct TableOptions {
  /// Words and numbers that mean missing, beside those that always do: empty, NULL, NaN, NA, N/A,
  /// null, None, nan, n/a. Spaces around a cell do not count.
  std::vector<std::string> missing = {};
  std::map<std::string, std::string> csv = {};  ///< options of the CSV reader: delimiter, ...
  std::string query =
      {};  ///< one SELECT on the table `data`, which is the file; its result is read
  std::map<std::string, ColumnType> types =
      {};                       ///< columns to read as this type, whatever they hold
  bool types_if_there = false;  ///< a column of `types` may be absent
  /// Columns of dates or timestamps whose form in text is known (strftime; "": ISO), unless `csv`
  /// says another one. Cells are of that form or ISO's; others are refused.
  std::map<std::string, std::string> formats = {};
};

/// Reads a table from its first row to its last, in order, as often as one likes.
class TableReader {
 public:
  /// Opens the file at `path` ("-": standard input, which is copied to a temporary file first).
  /// Throws one clear line: `unsupported` (no DuckDB; an opaque column among options.types), `io`,
  /// `corrupt_file` (ragged rows, an open quote, unknown encoding, no rows), `invalid_argument` (a
  /// query that is no single SELECT, or fails).
  explicit TableReader(std::string path, const TableOptions& options = {});
  ~TableReader();
  TableReader(TableReader&&) noexcept;
  TableReader& operator=(TableReader&&) noexcept;

  const std::string& path() const;
  TableFormat format() const;
  const std::vector<Field>& fields() const;
  /// The next rows, at most some thousands; false at the end. Text stays valid until the next call.
  /// Throws `corrupt_file`, naming row and column, for a cell that does not fit its column's type.
  bool next(TableChunk& chunk);
  void rewind();

 private:
  friend class TableWriter;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A column of what is written.
struct OutputColumn {
  Field field;
  int from =
      -1;  ///< the column of the input that it repeats, cell by cell as it stands there; or -1
};

/// Writes a table: new columns, and columns of an input table with some cells replaced. A file
/// appears whole or not at all.
class TableWriter {
 public:
  /// `path` empty: stdout. `input` may be null if no column repeats it; it is read again from its
  /// first row, and must outlive the writer.
  TableWriter(const std::string& path, TableFormat format, std::vector<OutputColumn> columns,
              const TableReader* input = nullptr);
  ~TableWriter();

  /// The next rows. In a column that repeats the input a missing cell means: as it is there (and
  /// an empty vector: all cells are).
  void append(const TableChunk& chunk);
  /// Writes what was appended. Throws `io`, `internal` if there are not as many rows as in the
  /// input.
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// True if DuckDB's library can be opened; else `why` says what to do.
bool have_tables(std::string* why = nullptr);
/// True if a file's first bytes look like a table: text or Parquet.
bool is_table(const std::string& path);
/// By the ending: .csv, .tsv, .parquet, .jsonl. False if it is none of them.
bool table_format(std::string_view path, TableFormat& format);

}  // namespace diabolo
