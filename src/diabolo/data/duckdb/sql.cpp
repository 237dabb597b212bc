#include <diabolo/data/duckdb/sql.h>
#include <fmt/core.h>

#include <cctype>
#include <filesystem>

namespace diabolo::duckdb {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result + quote;
}

}  // namespace

std::string literal(std::string_view text) { return quoted(text, '\''); }
std::string identifier(std::string_view name) { return quoted(name, '"'); }

std::string list(std::span<const std::string> texts) {
  std::string result = "[";
  for (const std::string& text : texts) result += (result.size() > 1 ? ", " : "") + literal(text);
  return result + "]";
}

std::string path_literal(const std::string& path) {
  std::string result;
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '*' || c == '?' || c == '[')
      result += {'[', c, ']'};
    else
      result += c;
  }
  return literal(result);
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string column(std::size_t place) { return fmt::format("c{}", place); }

}  // namespace diabolo::duckdb
