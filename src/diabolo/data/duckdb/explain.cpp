#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/file_head.h>
#include <diabolo/data/gzip.h>
#include <diabolo/data/source.h>

#include <algorithm>

namespace diabolo::duckdb {
namespace {

/// The text between `before` and the next of `after`; empty if it is not there.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + before.size());
  return std::string(text.substr(0, text.find_first_of(after)));
}

std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  constexpr std::string_view kBegins[] = {"Invalid Input Error: ", "Error: "};
  for (const std::string_view begin : kBegins)
    if (line.starts_with(begin)) line.erase(0, begin.size());
  while (!line.empty() && (line.back() == '.' || line.back() == ' ')) line.pop_back();
  constexpr std::size_t kMost = 300;
  if (line.size() > kMost) line = line.substr(0, kMost) + "...";
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 32) c = ' ';
  return line;
}

/// True if some lines at the beginning end in \r\n and others in \n.
bool has_mixed_line_ends(const std::string& path) {
  try {
    const auto head = read_head(*open_file(path), 1 << 16);
    const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
    std::size_t both = 0,
                all = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string_view::npos; ++at) ++both;
    return both > 0 && both < all;
  } catch (const Error&) {
    return false;
  }
}

void refuse_machine(const std::string& text, const std::string& file) {
  check(!text.starts_with("Out of Memory Error"), ErrorCode::out_of_memory, "table",
        "expected enough memory for {}, got: {}; use fewer columns or shorter lines", file,
        first_line(text));
  check(!text.starts_with("IO Error") && !text.starts_with("Permission Error"), ErrorCode::io,
        "table", "expected to read {}, got: {}; check the file and the disk", file,
        first_line(text));
}

void refuse_csv(const std::string& text, const TableSource& source, const std::string& file) {
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  const std::string line = between(text, "CSV Error on Line: ", "\n");
  constexpr ErrorCode kCode = ErrorCode::corrupt_file;
  if (const std::string columns = between(text, "Expected Number of Columns: ", " \n");
      !columns.empty())
    fail(kCode, "table",
         "expected {} columns in line {} of {}, got {}; correct the line (what holds a {} needs "
         "quotes), or give --csv delimiter=",
         columns, line, file, between(text, " Found: ", " \n"),
         in_quotes(source.dialect.delimiter));
  check(!has("unterminated quote"), kCode, "table",
        "expected a closing quote for what begins in line {} of {}, got none; close it, or give "
        "--csv quote= if quotes are plain characters, --csv escape= if another stands before them",
        line, file);
  check(!has("not utf-8 encoded") && !has("Invalid unicode"), kCode, "table",
        "expected UTF-8 in line {} of {}, got other bytes; give --csv encoding=latin-1 (or utf-16)",
        line, file);
  check(
      !has("does not support the encoding"), ErrorCode::invalid_argument, "table",
      "expected the encoding utf-8, latin-1 or utf-16 for {}, got another; convert the file first",
      file);
  check(!has("bytes exceeded"), kCode, "table",
        "expected lines of at most 2,000,000 bytes in {}, got a longer one; check quotes and line "
        "ends, or give --csv max_line_size=",
        file);
  const bool lost =
      has("state machine reached an invalid state") || has("when sniffing file") || !line.empty();
  check(!lost || !has_mixed_line_ends(source.path), kCode, "table",
        "expected one kind of line ends in {}, got both \\r\\n and \\n; make them the same", file);
  check(!lost, kCode, "table",
        "expected a table of columns in {}, got text that is none{}; check it, or give --csv "
        "delimiter=, quote=, skip=",
        file, line.empty() ? "" : " in line " + line);
}

/// The line in which the `count`-th object of a file of lines stands: blank lines have none.
std::size_t line_of(const std::string& path, std::size_t count) {
  const auto file = compression_of(path) == "gzip" ? open_gzip(path) : open_file(path);
  std::string room(1 << 16, '\0');
  bool blank = true;
  std::size_t line = 1;
  for (;;) {
    const std::size_t n = file->read(room.data(), room.size());
    if (n == 0) return line;
    for (const char c : std::string_view(room).substr(0, n)) {
      if (c == '\n') {
        ++line;
        blank = true;
      } else if (blank && c != ' ' && c != '\t' && c != '\r') {
        blank = false;
        if (--count == 0) return line;
      }
    }
  }
}

/// Where DuckDB found fault in a file of JSON: "line 3" or "object 3". It counts objects, and if
/// one cannot be read, tells the next.
std::string place_of(const std::string& text, const std::string& path, bool next) {
  for (const std::string_view what : {"line", "record/value"}) {
    const std::string number = between(text, fmt::format(" in {} ", what), ":\n ");
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::size_t count = std::max<std::size_t>(1, std::stoul(number) - (next ? 1 : 0));
    if (what != "line" || compression_of(path) == "zstd") return fmt::format("object {}", count);
    return fmt::format("line {}", line_of(path, count));
  }
  return "one of them";
}

void refuse_json(const std::string& text, const TableSource& source, const std::string& file) {
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  constexpr ErrorCode kCode = ErrorCode::corrupt_file;
  const bool malformed = has("Malformed JSON");
  if (!malformed && !has("JSON transform error")) return;
  const std::string place = place_of(text, source.path, malformed);
  check(!malformed, kCode, "table", "expected {} {}, got text that is none in {}; correct it",
        place.starts_with("line") ? "a JSON object in each line of" : "a list of JSON objects in",
        file, place);
  check(!has("has duplicate key"), kCode, "table",
        "expected each name once in an object of {}, got one twice in {}; rename one", file, place);
  fail(kCode, "table",
       "expected values of one type in each column of {}, got another in {}; correct it", file,
       place);
}

void refuse_other(const std::string& text, const std::string& file) {
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  constexpr ErrorCode kCode = ErrorCode::corrupt_file;
  check(!has("arquet") && !has("magic bytes") && !has("Footer") && !has("Thrift"), kCode, "table",
        "expected a whole Parquet file at {}, got: {}; it is damaged or cut short, copy it again",
        file, first_line(text));
}

}  // namespace

void refuse_file(const Failure& failure, const TableSource& source) {
  check_unchanged(source);
  const std::string file = in_quotes(source.name);
  refuse_machine(failure.text, file);
  if (source.format == TableFormat::csv || source.format == TableFormat::tsv)
    refuse_csv(failure.text, source, file);
  refuse_json(failure.text, source, file);
  refuse_other(failure.text, file);
  fail(ErrorCode::corrupt_file, "table", "expected a table in {}, got: {}; check how it was made",
       file, first_line(failure.text));
}

void refuse_query(const Failure& failure, const TableSource& source) {
  const std::string& text = failure.text;
  const std::string other = between(text, "Cannot access ", "\n");
  check(other.empty(), ErrorCode::invalid_argument, "table",
        "expected a query that reads {} alone (as the table `data`), got one that uses {}; leave "
        "that out",
        in_quotes(source.name), other.substr(0, other.find(" - ")));
  check(!text.starts_with("Out of Memory Error"), ErrorCode::out_of_memory, "table",
        "expected a query that fits into memory and the temporary folder, got: {}; select less",
        first_line(text));
  check(!text.starts_with("Invalid Input Error: expected "), ErrorCode::corrupt_file, "table",
        "{} in {}; correct the cell, or give --missing", first_line(text), in_quotes(source.name));
  for (const char* of_file :
       {"CSV Error on Line", "Malformed JSON in file", "JSON transform error in file"})
    if (text.find(of_file) != std::string::npos) refuse_file(failure, source);
  fail(ErrorCode::invalid_argument, "table", "expected a query that runs, got '{}'; correct it",
       first_line(text));
}

void refuse_writing(const Failure& failure, const std::string& path) {
  fail(failure.text.starts_with("Out of Memory Error") ? ErrorCode::out_of_memory : ErrorCode::io,
       "write", "expected to write {}, got: {}; check the values and the disk",
       path.empty() ? "to the standard output" : in_quotes(path), first_line(failure.text));
}

}  // namespace diabolo::duckdb
