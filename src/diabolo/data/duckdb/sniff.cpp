#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/file_head.h>
#include <diabolo/data/duckdb/sniff.h>
#include <diabolo/data/duckdb/sql.h>
#include <diabolo/data/source.h>

#include <algorithm>

namespace diabolo::duckdb {
namespace {

constexpr std::size_t kMostColumns = 20000;

/// Options that say how cells are understood, which is done here.
constexpr const char* kOfCells[] = {"dateformat", "timestampformat", "decimal_separator",
                                    "thousands", "sample_size"};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The words that mean missing, also with the spaces that may stand around them.
std::string null_words(const Missing& missing) {
  std::vector<std::string> words{"", " ", "  "};
  for (const std::string& word : missing.words())
    for (const char* before : {"", " "})
      for (const char* after : {"", " "}) words.push_back(before + word + after);
  return list(words);
}

Sniffed sniff_once(const Connection& connection, const TableSource& source,
                   const CsvOptions& options) {
  std::vector<std::vector<Cell>> rows;
  try {
    rows = connection.rows(fmt::format(
        "SELECT Delimiter, Quote, Escape, NewLineDelimiter, CAST(SkipRows AS VARCHAR), "
        "CAST(HasHeader AS VARCHAR), CAST(DateFormat AS VARCHAR), CAST(TimestampFormat AS "
        "VARCHAR), "
        "col.name, col.type FROM (SELECT *, unnest(Columns) AS col FROM sniff_csv({}{}, "
        "compression = {}, nullstr = {}))",
        path_literal(source.path), options.sql(), literal(compression_of(source.path)),
        null_words(source.missing)));
  } catch (const Failure& failure) {
    refuse_file(failure, source);
  }
  ensure(!rows.empty(), "table", "columns from the sniffer");
  const auto text = [&](std::size_t j) { return rows[0][j].value_or(""); };
  const auto sign = [&](std::size_t j) { return text(j) == "(empty)" ? "" : text(j); };
  Sniffed result;
  result.dialect = {.delimiter = text(0), .quote = sign(1), .escape = sign(2)};
  if (text(3).find("\\r\\n") != std::string::npos) result.dialect.line_end = "\r\n";
  result.skip = text(4);
  result.dialect.header = text(5) == "true";
  result.date_format = text(6);
  result.timestamp_format = text(7);
  for (const auto& row : rows) {
    result.names.push_back(row[8].value_or(""));
    result.types.push_back(row[9].value_or("VARCHAR"));
  }
  return result;
}

/// What is no text at all, or of too many columns, is refused before DuckDB sees it.
void check_head(const std::string& head, const TableSource& source, const CsvOptions& options) {
  const std::string file = in_quotes(source.name);
  if (compression_of(source.path) == "zstd") return;
  check(!trim(head).empty(), ErrorCode::corrupt_file, "table",
        "expected a table in {}, got {}; check how it was made", file,
        head.empty() ? "an empty file" : "blank lines");
  const std::size_t zero = head.find('\0');
  if (zero != std::string::npos && !options.text("encoding").starts_with("utf-16")) {
    check(!is_text(head), ErrorCode::corrupt_file, "table",
          "expected text in {}, got a zero byte in line {}; remove it, or give --csv "
          "encoding=utf-16 if the file is that",
          file,
          1 + std::count(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(zero), '\n'));
    fail(ErrorCode::corrupt_file, "table",
         "expected text or Parquet in {}, got bytes that are neither; give another file, or --csv "
         "encoding=utf-16 if it is that",
         file);
  }
  const std::size_t columns = columns_of(head);
  check(columns <= kMostColumns, ErrorCode::unsupported, "table",
        "expected at most {} columns in {}, got more than {}; leave some out", kMostColumns, file,
        columns - 1);
}

/// Reads the file as rows of as many columns as its first line has, which must fail; but where it
/// does not, the sniffer was wrong and the delimiter is kept.
void check_one_column(const Connection& connection, const TableSource& source,
                      const CsvOptions& options, Sniffed& sniffed) {
  const auto [delimiter, count] = frequent_delimiter(sniffed.names[0]);
  if (sniffed.names.size() != 1 || options.has("delim") || count == 0) return;
  TableSource guess = source;
  CsvOptions guess_options = options;
  const std::string text(1, delimiter);
  guess_options.set("delim", text, literal(text));
  guess.dialect.delimiter = sniffed.dialect.delimiter = text;
  try {
    connection.rows("SELECT CAST(count(*) AS VARCHAR) FROM " +
                    read_csv(guess, guess_options, sniffed, count + 1, false));
  } catch (const Failure& failure) {
    refuse_file(failure, guess);
  }
  sniffed = sniff_once(connection, source, guess_options);
}

struct Line {
  std::size_t place, columns;
};

/// The lines that are not blank and no comments, their columns as far as one line can tell.
std::vector<Line> rows_of(std::string_view head, const Dialect& dialect) {
  if (head.size() >= kHeadBytes) head = head.substr(0, head.rfind('\n'));
  const auto lines = lines_of(head);
  std::vector<Line> rows;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty() || lines[i][0] == '#' || lines[i] == "\xef\xbb\xbf") continue;
    rows.push_back({i, 1});
    bool quoted = false;
    for (const char c : lines[i]) {
      if (!dialect.quote.empty() && c == dialect.quote[0]) quoted = !quoted;
      if (!quoted && c == dialect.delimiter[0]) ++rows.back().columns;
    }
  }
  return rows;
}

/// The sniffer leaves out lines that do not fit what follows: a header of fewer columns; or all
/// rows, where the last is longer.
void check_skipped(const TableSource& source, const CsvOptions& options, const std::string& head,
                   const Sniffed& sniffed) {
  if (sniffed.skip == "0" || options.has("skip") || options.has("encoding")) return;
  const std::size_t skipped = std::stoul(sniffed.skip), after = sniffed.names.size();
  const auto rows = rows_of(head, sniffed.dialect);
  if (rows.empty() || rows[0].place >= skipped) return;
  const std::size_t first = rows[0].columns;
  const auto lines_with = [&](std::size_t columns) {
    return std::count_if(rows.begin(), rows.end(),
                         [&](const Line& row) { return row.columns == columns; });
  };
  if (first > 1 && lines_with(first) > lines_with(after)) {
    const auto wrong = std::find_if(rows.begin(), rows.end(),
                                    [&](const Line& row) { return row.columns != first; });
    const Line line = wrong == rows.end() ? Line{skipped, after} : *wrong;
    fail(ErrorCode::corrupt_file, "table",
         "expected {} columns in line {} of {}, got {}; correct the line (what holds a {} needs "
         "quotes), or give --csv skip={} if the table begins there",
         first, line.place + 1, in_quotes(source.name), line.columns,
         in_quotes(sniffed.dialect.delimiter), sniffed.skip);
  }
  fail(ErrorCode::corrupt_file, "table",
       "expected {} columns in line {} of {}, as in the lines after it, got {}; correct it, or "
       "give --csv skip={} if the table begins below",
       after, rows[0].place + 1, in_quotes(source.name), first, sniffed.skip);
}

}  // namespace

Sniffed sniff(const Connection& connection, TableSource& source, const CsvOptions& options) {
  const std::string head = head_of(source.path);
  check_head(head, source, options);
  Sniffed sniffed = sniff_once(connection, source, options);
  check_one_column(connection, source, options, sniffed);
  check_skipped(source, options, head, sniffed);
  return sniffed;
}

std::vector<std::string> sniff_all_rows(const Connection& connection, const TableSource& source,
                                        CsvOptions options, const Sniffed& sniffed) {
  options.set("delim", "", literal(sniffed.dialect.delimiter));
  options.set("skip", "", sniffed.skip);
  options.set("header", "", sniffed.dialect.header ? "true" : "false");
  options.set("sample_size", "", "-1");
  return sniff_once(connection, source, options).types;
}

std::string read_csv(const TableSource& source, const CsvOptions& options, const Sniffed& sniffed,
                     std::size_t columns, bool header) {
  CsvOptions all = options;
  for (const char* key : kOfCells) all.remove(key);
  all.set("delim", "", literal(sniffed.dialect.delimiter));
  all.set("skip", "", sniffed.skip);
  all.set("header", "", header ? "true" : "false");
  std::string types;
  for (std::size_t j = 0; j < columns; ++j)
    types += fmt::format("{}'{}': 'VARCHAR'", j > 0 ? ", " : "", column(j));
  return fmt::format("read_csv({}{}, compression = {}, auto_detect = false, columns = {{{}}})",
                     path_literal(source.path), all.sql(), literal(compression_of(source.path)),
                     types);
}

}  // namespace diabolo::duckdb
