// Opens text files with delimiters: dialect, names and types by the sniffer, corrected.
#include <diabolo/base/log.h>
#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/sniff.h>
#include <diabolo/data/duckdb/sql.h>
#include <diabolo/data/source.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace diabolo::duckdb {
namespace {

/// Files up to this size are looked at whole before types are decided: half a second.
constexpr std::uintmax_t kWholeBytes = 16 << 20;

/// What the user said, and what is so unless he says otherwise: quotes are guessed by nobody, since
/// a quote that is never closed would make the sniffer take them for plain characters.
CsvOptions with_defaults(const TableOptions& given) {
  CsvOptions options(given.csv);
  if (!options.has("quote")) options.set("quote", "\"", literal("\""));
  const std::string quote = options.text("quote");
  if (!options.has("escape")) options.set("escape", quote, literal(quote));
  if (!options.has("comment")) options.set("comment", "", literal(""));
  if (!options.has("sample_size")) options.set("sample_size", "", std::to_string(kSampleRows));
  return options;
}

/// The first line, as it is.
std::vector<std::string> first_line_of(const Connection& connection, const TableSource& source,
                                       const CsvOptions& options, const Sniffed& sniffed) {
  std::vector<std::vector<Cell>> rows;
  try {
    rows = connection.rows("SELECT * FROM " +
                           read_csv(source, options, sniffed, sniffed.names.size(), false) +
                           " LIMIT 1");
  } catch (const Failure& failure) {
    refuse_file(failure, source);
  }
  std::vector<std::string> line;
  for (const Cell& cell : rows.empty() ? std::vector<Cell>() : rows[0])
    line.push_back(cell.value_or(""));
  return line;
}

/// A first line of gaps and words above columns of text may be a header or a row.
void tell_of_gaps(const std::vector<std::string>& line, const TableSource& source,
                  const Sniffed& sniffed) {
  bool any_gap = false, any_word = false;
  for (std::size_t j = 0; j < std::min(line.size(), sniffed.types.size()); ++j) {
    const std::string_view cell = trim(line[j]);
    if (!cell.empty() && sniffed.types[j] != "VARCHAR") return;
    (cell.empty() ? any_gap : any_word) = true;
  }
  if (any_gap && any_word)
    log(LogLevel::warning,
        fmt::format("takes the first line of {} for a row, since it has cells without a name; give "
                    "--csv header=true if it holds the names of the columns",
                    in_quotes(source.name)));
}

/// The names in a header. One that is missing becomes that which DuckDB made (column0).
std::vector<std::string> names_of(const std::vector<std::string>& header, const TableSource& source,
                                  const Sniffed& sniffed) {
  std::vector<std::string> names = sniffed.names;
  std::map<std::string, std::size_t> places;
  for (std::size_t j = 0; j < std::min(header.size(), names.size()); ++j) {
    const std::string name(trim(header[j]));
    if (!name.empty()) {
      names[j] = name;
    } else {
      log(LogLevel::warning, fmt::format("column {} of {} has no name and is called '{}'", j,
                                         in_quotes(source.name), names[j]));
    }
    const auto [found, is_new] = places.try_emplace(names[j], j);
    check(
        is_new, ErrorCode::corrupt_file, "table",
        "expected columns of different names in {}, got {} in columns {} and {} (counted from 0); "
        "rename one",
        in_quotes(source.name), in_quotes(names[j]), found->second, j);
  }
  return names;
}

/// Of dates and timestamps; "" for ISO's, which needs none.
std::string format_for(ColumnType type, const Sniffed& sniffed, const CsvOptions& options) {
  std::string format;
  if (type == ColumnType::date)
    format = sniffed.date_format.empty() ? options.text("dateformat") : sniffed.date_format;
  else if (type == ColumnType::timestamp)
    format = sniffed.timestamp_format.empty() ? options.text("timestampformat")
                                              : sniffed.timestamp_format;
  return format == "%Y-%m-%d" || format == "%Y-%m-%d %H:%M:%S" ? "" : format;
}

/// A column of text that holds values of `sql_type`.
SourceColumn text_column(std::size_t place, const std::string& name, const std::string& sql_type,
                         const TableOptions& given, const CsvOptions& options,
                         const Sniffed& sniffed) {
  const ColumnType type =
      wanted_type(given, name, column_type(sql_type).value_or(ColumnType::text));
  SourceColumn made = make_column(
      place, {.name = name, .type = type, .sql_type = sql_type}, "VARCHAR",
      known_format(given, name, type).value_or(MomentFormat{format_for(type, sniffed, options)}));
  if (given.types.contains(name)) made.field.sql_type = default_sql_type(type);
  if (options.text("decimal_separator") == ",") made.style.decimal = ',';
  if (const std::string thousands = options.text("thousands"); !thousands.empty())
    made.style.thousands = thousands[0];
  return made;
}

/// All rows may say more than the first ones: fractions among whole numbers, anything where nothing
/// was. But what does not fit there stays an error of its row.
void widen(const Connection& connection, TableSource& source, const TableOptions& given,
           const CsvOptions& options, const Sniffed& sniffed) {
  std::error_code error;
  if (given.csv.contains("sample_size") ||
      std::filesystem::file_size(source.path, error) > kWholeBytes)
    return;
  const auto types = sniff_all_rows(connection, source, options, sniffed);
  for (std::size_t j = 0; j < std::min(types.size(), source.columns.size()); ++j) {
    SourceColumn& column = source.columns[j];
    const bool is_whole = column.form == Form::number_text &&
                          column.field.type == ColumnType::integer && types[j] == "DOUBLE";
    const bool is_empty = column.form == Form::text && column.is_empty;
    if ((!is_whole && !is_empty) || given.types.contains(column.field.name)) continue;
    SourceColumn wider = text_column(j, column.field.name, types[j], given, options, sniffed);
    wider.header = column.header;
    column = std::move(wider);
  }
}

}  // namespace

void open_csv(TableSource& source, const TableOptions& given) {
  const Connection connection(source.database);
  const CsvOptions options = with_defaults(given);
  source.is_text = true;
  Sniffed sniffed = sniff(connection, source, options);
  auto header = first_line_of(connection, source, options, sniffed);
  if (!sniffed.dialect.header) {
    if (!options.has("header")) tell_of_gaps(header, source, sniffed);
    header.clear();
  }
  const auto names = names_of(header, source, sniffed);
  if (names.size() == 1 && names[0].find(' ') != std::string::npos)
    log(LogLevel::warning,
        fmt::format(
            "{} has one column, {}; if spaces separate its columns, give --csv delimiter=' '",
            in_quotes(source.name), in_quotes(names[0])));
  source.dialect = sniffed.dialect;
  source.dialect.quote = options.text("quote");
  source.dialect.escape = options.text("escape");
  if (options.text("decimal_separator") == ",") source.dialect.decimal = ',';
  source.format = sniffed.dialect.delimiter == "\t" ? TableFormat::tsv : TableFormat::csv;
  source.from = read_csv(source, options, sniffed, names.size(), sniffed.dialect.header);
  for (std::size_t j = 0; j < names.size(); ++j)
    source.columns.push_back(text_column(j, names[j], sniffed.types[j], given, options, sniffed));
  check_types(source, given);
  for (std::size_t j = 0; j < std::min(header.size(), names.size()); ++j)
    source.columns[j].header = header[j];
  if (look_at_sample(connection, source, given) >= kSampleRows)
    widen(connection, source, given, options, sniffed);
}

}  // namespace diabolo::duckdb
