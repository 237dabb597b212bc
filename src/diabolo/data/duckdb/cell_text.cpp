#include <diabolo/data/duckdb/cell_text.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace diabolo::duckdb {
namespace {

constexpr std::string_view kAlwaysMissing[] = {"NULL", "NaN",  "NA",  "N/A",
                                               "null", "None", "nan", "n/a"};

struct Pair {
  std::string_view yes, no;
};

constexpr Pair kBooleans[] = {
    {"true", "false"}, {"True", "False"}, {"TRUE", "FALSE"}, {"t", "f"}, {"T", "F"}, {"yes", "no"},
    {"Yes", "No"},     {"YES", "NO"},     {"y", "n"},        {"Y", "N"}, {"1", "0"}};

std::string_view strip_plus(std::string_view text) {
  return text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+' ? text.substr(1)
                                                                               : text;
}

/// With a point and without separators of thousands, in `room`; empty if it does not fit there.
std::string_view plain(std::string_view text, NumberStyle style, std::span<char> room) {
  std::size_t size = 0;
  for (const char c : text) {
    if (c == style.thousands && c != 0) continue;
    if (size == room.size() || (c == '.' && style.decimal != '.')) return {};
    room[size++] = c == style.decimal ? '.' : c;
  }
  return {room.data(), size};
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Missing::Missing(std::span<const std::string> more) {
  words_.assign(std::begin(kAlwaysMissing), std::end(kAlwaysMissing));
  for (const std::string& word : more) {
    words_.emplace_back(trim(word));
    double number = 0;
    if (parse_number(words_.back(), {}, number) && !std::isnan(number)) numbers_.push_back(number);
  }
  for (const std::string& word : words_) longest_ = std::max(longest_, word.size());
}

bool Missing::is_word(std::string_view text) const {
  if (text.empty()) return true;
  if (text.size() > longest_) return false;
  return std::find(words_.begin(), words_.end(), text) != words_.end();
}

bool Missing::is_number(double x) const {
  return std::isnan(x) || std::find(numbers_.begin(), numbers_.end(), x) != numbers_.end();
}

bool parse_number(std::string_view text, NumberStyle style, double& number) {
  std::array<char, 64> room;
  if (style.decimal != '.' || style.thousands != 0) text = plain(text, style, room);
  text = strip_plus(text);
  if (text.empty()) return false;
  const char *const begin = text.data(), *const end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (rest != end) return false;
  // Too large or too small for a double: infinity or zero, as strtod says.
  if (error == std::errc::result_out_of_range)
    number = std::strtod(std::string(text).c_str(), nullptr);
  return error != std::errc::invalid_argument;
}

bool looks_like_number(std::string_view text, NumberStyle style) {
  double number = 0;
  if (!parse_number(text, style, number) || !std::isfinite(number)) return false;
  const std::size_t first = text.find_first_not_of("+-");
  const std::string_view digits = text.substr(std::min(first, text.size()));
  return digits.size() < 2 || digits[0] != '0' || std::isdigit(digits[1]) == 0;
}

bool parse_boolean(std::string_view text, bool& value) {
  for (const Pair& pair : kBooleans) {
    if (text != pair.yes && text != pair.no) continue;
    value = text == pair.yes;
    return true;
  }
  return false;
}

std::string boolean_words(std::string_view text) {
  for (const Pair& pair : kBooleans)
    if (text == pair.yes || text == pair.no) return fmt::format("{}/{}", pair.yes, pair.no);
  return "";
}

bool takes_iso(std::string_view date_format) {
  const auto begins = [&](std::string_view text) { return date_format.starts_with(text); };
  return begins("%Y-%m-%d") || begins("%Y/%m/%d") || !(begins("%Y-") || begins("%Y/"));
}

std::string_view expected_cell(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
      return "a whole number";
    case ColumnType::real:
      return "a number";
    case ColumnType::boolean:
      return "true or false";
    case ColumnType::date:
      return "a date";
    case ColumnType::time:
      return "a time";
    default:
      return "a date and time";
  }
}

}  // namespace diabolo::duckdb
