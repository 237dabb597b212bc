// The first bytes of a file, also out of gzip, and what kind of table they begin.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace diabolo::duckdb {

/// "none", "gzip" or "zstd". Throws `io` as open_file does.
std::string compression_of(const std::string& path);
constexpr std::size_t kHeadBytes = 1 << 16;
/// The first bytes, at most kHeadBytes; none of a file inside zstd.
std::string head_of(const std::string& path);
/// Reads a gzip file through, since DuckDB does not see that one is cut short. Throws
/// `corrupt_file`.
void check_gzip(const std::string& path);

/// The sign that most likely separates columns in a line, and how often it stands there; 0: none.
std::pair<char, std::size_t> frequent_delimiter(std::string_view line);
/// A guess at the number of columns by the first line of a CSV file.
std::size_t columns_of(std::string_view head);

/// No control characters; but zero bytes may stand in lines, to be refused as such.
bool is_text(std::string_view head);
bool is_parquet(std::string_view head);
/// An object, as JSON lines have in every line.
bool is_json_lines(std::string_view head);
/// A list of objects.
bool is_json_array(std::string_view head);

}  // namespace diabolo::duckdb
