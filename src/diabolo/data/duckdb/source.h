// A table in a file (or the result of a query on it) as SQL: what to select, and how what comes
// becomes the cells of a TableChunk.
//
// CSV files are read as text alone, and cells are understood here (cell_text.h): so words that mean
// missing are found whatever spaces stand around them, and a cell that does not fit is named with
// its row. DuckDB understands dates and times; beside its value, or NULL, comes their text.
#pragma once

#include <diabolo/base/error.h>
#include <diabolo/data/duckdb/cell_text.h>
#include <diabolo/data/duckdb/database.h>
#include <diabolo/data/source.h>

namespace diabolo::duckdb {

/// As what a column comes out of DuckDB: VARCHAR (the first three), DOUBLE, BOOLEAN, DATE, ...
enum class Form { text, number_text, boolean_text, number, boolean, date, time, timestamp };

struct SourceColumn {
  Field field;
  Form form = Form::text;
  std::string value;          ///< SQL of what comes
  std::string text = {};      ///< SQL of the text that a date or time is made of, if it is one
  std::string expected = {};  ///< what a cell must be, if that is more than its type
  bool takes_iso = false;     ///< a date of a known form, which may be ISO's too
  NumberStyle style = {};
  bool is_empty = false;    ///< nothing in the first rows
  std::string header = {};  ///< the name as it stands in a CSV file, perhaps ""
};

/// How a CSV file is written.
struct Dialect {
  std::string delimiter = ",";
  std::string quote = "\"", escape = "\"";  ///< "": none
  std::string line_end = "\n";
  char decimal = '.';
  bool header = true;
};

struct TableSource {
  std::shared_ptr<Database> database;
  std::string path;  ///< of the file that is read
  std::string name;  ///< for messages
  TableFormat format = TableFormat::csv;
  std::string from = {};  ///< SQL: a table of columns c0, c1, ...
  std::vector<SourceColumn> columns = {};
  Missing missing = Missing();
  bool is_text = false;    ///< all of `from` is VARCHAR: a CSV file, but not a query on one
  bool by_schema = false;  ///< read for a model: types are known, whatever the rows are
  Dialect dialect = {};    ///< of a CSV file
  /// Of the file when it was opened, if it is read again: passes over it must see the same rows.
  std::optional<FileStamp> stamp = {};
};

/// What is at `path`; `name` is for messages. Throws as TableReader does.
TableSource open_source(std::shared_ptr<Database> database, const std::string& path,
                        const std::string& name, const TableOptions& options);

/// Throws `io` if the file is not as it was when it was opened.
void check_unchanged(const TableSource& source);

/// Fills in a source whose file has delimiters.
void open_csv(TableSource& source, const TableOptions& given);
/// Fills in a source of typed columns; `table` is SQL, its columns may have any names.
void open_typed(TableSource& source, const std::string& table, const TableOptions& options);
/// The result of options.query on `source`, computed once and kept.
TableSource open_query(const TableSource& source, const TableOptions& options);

/// The type of a column that DuckDB calls `sql_type`; nothing for those that no model can take.
std::optional<ColumnType> column_type(std::string_view sql_type);
/// How dates and times are written in text.
struct MomentFormat {
  std::string text = {};  ///< "": ISO
  bool is_known = false;  ///< not found in the rows: four digits are a year, and ISO will do too
};
/// The form of a column of options.formats; nothing if it is none of them.
std::optional<MomentFormat> known_format(const TableOptions& options, const std::string& name,
                                         ColumnType type);
/// The column at `place`, now of `sql_type`, read as field.type. Throws `invalid_argument` if it
/// cannot be read so.
SourceColumn make_column(std::size_t place, Field field, std::string_view sql_type,
                         const MomentFormat& format = {});
/// "a date", "a date as %d.%m.%Y", ...: for messages about a cell that is none.
std::string expected_cell(const SourceColumn& column);
/// A column of a type that no model takes, read as missing.
SourceColumn opaque_column(std::string name, std::string sql_type);
/// True if a value of the type is more than one: objects, lists. Their text is JSON.
bool is_nested(std::string_view sql_type);
/// The type that options.types wants for a column, else `type`.
ColumnType wanted_type(const TableOptions& options, const std::string& name, ColumnType type);
/// Throws `invalid_argument` if options.types names a column that is not there.
void check_types(const TableSource& source, const TableOptions& options);

/// BIGINT, DOUBLE, VARCHAR, ...
std::string default_sql_type(ColumnType type);

struct Described {
  std::string name, sql_type;
};

/// The columns that a SELECT gives. Throws Failure.
std::vector<Described> describe(const Connection& connection, const std::string& select);

std::vector<std::string> names_of(const std::vector<SourceColumn>& columns);
std::vector<std::string> names_of(const std::vector<Described>& columns);
/// Throws unless the names differ by more than upper and lower case, which SQL takes for the same;
/// `where` is for the message.
void check_names(const std::vector<std::string>& names, const std::string& where, ErrorCode code);

/// Looks at the first rows: makes numbers of columns that look like text for " ?" or decimal
/// commas, finds how booleans and times are written. How many rows it saw, kSampleRows at most.
/// Throws `corrupt_file` if there is none.
std::int64_t look_at_sample(const Connection& connection, TableSource& source,
                            const TableOptions& options);

/// The rows a type is decided by.
constexpr std::int64_t kSampleRows = 20480;

}  // namespace diabolo::duckdb
