#include <diabolo/data/duckdb/file_head.h>
#include <diabolo/data/gzip.h>
#include <diabolo/data/source.h>

#include <algorithm>

namespace diabolo::duckdb {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

/// What comes after `text`'s first sign, spaces left out; 0 if that sign is not `first`.
char after(std::string_view text, char first) {
  const std::size_t at = text.find_first_not_of(kSpaces);
  if (at == std::string_view::npos || text[at] != first) return 0;
  const std::size_t next = text.find_first_not_of(kSpaces, at + 1);
  return next == std::string_view::npos ? '\0' : text[next];
}

}  // namespace

std::string compression_of(const std::string& path) {
  const auto head = read_head(*open_file(path), 4);
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (text.starts_with("\x1f\x8b")) return "gzip";
  return text == "\x28\xb5\x2f\xfd" ? "zstd" : "none";
}

std::string head_of(const std::string& path) {
  const std::string compression = compression_of(path);
  if (compression == "zstd") return "";
  const auto head =
      read_head(compression == "gzip" ? *open_gzip(path) : *open_file(path), kHeadBytes);
  return {head.begin(), head.end()};
}

void check_gzip(const std::string& path) {
  if (compression_of(path) != "gzip") return;
  const auto source = open_gzip(path);
  std::vector<char> room(1 << 16);
  while (source->read(room.data(), room.size()) > 0) continue;
}

std::pair<char, std::size_t> frequent_delimiter(std::string_view line) {
  std::pair<char, std::size_t> best{0, 0};
  for (const char c : {',', ';', '\t', '|'}) {
    const auto count = static_cast<std::size_t>(std::count(line.begin(), line.end(), c));
    if (count > best.second) best = {c, count};
  }
  return best;
}

std::size_t columns_of(std::string_view head) {
  std::size_t most = 0;
  for (int lines = 0; lines < 10 && !head.empty(); ++lines) {  // the first may be no header
    const std::size_t end = std::min(head.find('\n'), head.size());
    most = std::max(most, frequent_delimiter(head.substr(0, end)).second);
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  return most + 1;
}

bool is_text(std::string_view head) {
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) return true;  // UTF-16
  const bool has_lines = !head.starts_with('\0') && head.find('\n') != std::string_view::npos;
  return std::none_of(head.begin(), head.end(), [&](char c) {
    return static_cast<unsigned char>(c) < 32 && c != '\t' && c != '\n' && c != '\r' &&
           !(c == 0 && has_lines);
  });
}

bool is_parquet(std::string_view head) { return head.starts_with("PAR1"); }

bool is_json_lines(std::string_view head) {
  const char next = after(head, '{');
  return next == '"' || next == '}';
}

bool is_json_array(std::string_view head) { return after(head, '[') == '{'; }

}  // namespace diabolo::duckdb
