#include <diabolo/base/error.h>
#include <diabolo/base/nearest.h>
#include <diabolo/data/duckdb/csv_options.h>
#include <diabolo/data/duckdb/sql.h>
#include <diabolo/data/source.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace diabolo::duckdb {
namespace {

enum class Type { text, character, number, yes_no };

struct Option {
  const char* name;  // a user's
  const char* key;   // DuckDB's
  Type type;
};

constexpr Option kOptions[] = {
    {"comment", "comment", Type::character},
    {"dateformat", "dateformat", Type::text},
    {"decimal_separator", "decimal_separator", Type::character},
    {"delim", "delim", Type::text},
    {"delimiter", "delim", Type::text},
    {"encoding", "encoding", Type::text},
    {"escape", "escape", Type::character},
    {"header", "header", Type::yes_no},
    {"max_line_size", "max_line_size", Type::number},
    {"null_padding", "null_padding", Type::yes_no},
    {"quote", "quote", Type::character},
    {"sample_size", "sample_size", Type::number},
    {"sep", "delim", Type::text},
    {"skip", "skip", Type::number},
    {"strict_mode", "strict_mode", Type::yes_no},
    {"thousands", "thousands", Type::character},
    {"timestampformat", "timestampformat", Type::text},
};

const Option& find(const std::string& name) {
  const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                   [&](const Option& option) { return option.name == name; });
  if (found != std::end(kOptions)) return *found;
  std::vector<std::string> names;
  for (const Option& option : kOptions) names.emplace_back(option.name);
  fail(ErrorCode::invalid_argument, "table", "expected an option of the CSV reader, got {}{}",
       in_quotes(name), suggestion(name, names));
}

[[noreturn]] void refuse(const Option& option, std::string_view expected, const std::string& got) {
  fail(ErrorCode::invalid_argument, "table",
       "expected {} for the CSV option {}, got {}; correct the value", expected, option.name,
       in_quotes(got));
}

/// The name that DuckDB has for an encoding.
std::string encoding_name(const std::string& text) {
  if (text == "latin1" || text == "iso-8859-1") return "latin-1";
  if (text == "utf8") return "utf-8";
  return text == "utf16" ? "utf-16" : text;
}

/// The value as SQL; `text` becomes what the user meant by it.
std::string sql_of(const Option& option, std::string& text) {
  switch (option.type) {
    case Type::yes_no: {
      const std::string word = lower(text);
      if (word == "true" || word == "yes" || word == "1") return "true";
      if (word == "false" || word == "no" || word == "0") return "false";
      refuse(option, "true or false", text);
    }
    case Type::number: {
      long long number = 0;
      const char* end = text.data() + text.size();
      const auto [rest, error] = std::from_chars(text.data(), end, number);
      const long long least = option.key == std::string_view("sample_size") ? -1 : 0;
      if (error != std::errc() || rest != end || number < least)
        refuse(option, "a whole number", text);
      return std::to_string(number);
    }
    case Type::character:
    case Type::text:
      if (text == "\\t" || lower(text) == "tab") text.assign(1, '\t');
      if (option.type == Type::character && text.size() > 1)
        refuse(option, "one character, or nothing for none", text);
      if (option.key == std::string_view("delim") && text.empty())
        refuse(option, "at least one character", text);
      if (option.key == std::string_view("encoding")) text = encoding_name(lower(text));
      return literal(text);
  }
  return {};
}

}  // namespace

CsvOptions::CsvOptions(const std::map<std::string, std::string>& options) {
  for (const auto& [name, value] : options) {
    const Option& option = find(name);
    check(!has(option.key), ErrorCode::invalid_argument, "table",
          "expected the CSV option {} once, got it under two names; leave one out", option.key);
    std::string text = value;
    std::string sql = sql_of(option, text);
    set(option.key, std::move(text), std::move(sql));
  }
}

std::string CsvOptions::text(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? "" : found->second.text;
}

void CsvOptions::set(const std::string& key, std::string text, std::string sql) {
  values_[key] = {std::move(text), std::move(sql)};
}

std::string CsvOptions::sql() const {
  std::string result;
  for (const auto& [key, value] : values_) result += fmt::format(", {} = {}", key, value.sql);
  return result;
}

}  // namespace diabolo::duckdb
