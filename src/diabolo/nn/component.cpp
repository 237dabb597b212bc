#include <diabolo/nn/component.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diabolo {

std::string to_string(const Setting& value) {
  if (const double* x = std::get_if<double>(&value)) return fmt::format("{}", *x);
  return std::get<std::string>(value);
}

Settings complete(std::string_view component, const std::vector<SettingInfo>& infos,
                  const Settings& given) {
  std::vector<std::string> names;
  for (const SettingInfo& info : infos) names.push_back(info.name);
  for (const auto& [name, value] : given)
    if (std::find(names.begin(), names.end(), name) == names.end())
      fail(ErrorCode::invalid_argument, component, "expected a setting of '{}', got '{}'{}",
           component, name, names.empty() ? "; it has none" : suggestion(name, names));

  Settings result;
  for (const SettingInfo& info : infos) {
    const auto known = given.find(info.name);
    const Setting value = known == given.end() ? info.fallback : known->second;
    if (info.widths) {
      result[info.name] = format_widths(parse_widths(info.name, value));
      continue;
    }
    if (const double* x = std::get_if<double>(&value)) {
      check(info.low < info.high, ErrorCode::invalid_argument, component,
            "expected one of {} for {}, got {}", fmt::join(info.words, ", "), info.name, *x);
      check(std::isfinite(*x) && *x >= info.low && *x <= info.high, ErrorCode::invalid_argument,
            component, "expected {} between {} and {}, got {}", info.name, info.low, info.high, *x);
    } else {
      const std::string& word = std::get<std::string>(value);
      check(std::find(info.words.begin(), info.words.end(), word) != info.words.end(),
            ErrorCode::invalid_argument, component, "expected {} for {}, got '{}'",
            info.words.empty() ? std::string("a number")
                               : fmt::format("{}{}", info.low < info.high ? "a number, " : "",
                                             fmt::join(info.words, ", ")),
            info.name, word);
    }
    result[info.name] = value;
  }
  return result;
}

std::vector<std::int64_t> parse_widths(std::string_view where, const Setting& value) {
  constexpr std::int64_t kWidest = 1 << 20;
  const std::string text = to_string(value);
  std::vector<std::int64_t> widths;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::int64_t width = 0;
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + end, width);
    check(error == std::errc() && stop == text.data() + end && width >= 1 && width <= kWidest,
          ErrorCode::invalid_argument, where,
          "expected whole numbers from 1 to {} separated by commas, got '{}'", kWidest, text);
    widths.push_back(width);
    begin = end + 1;
  }
  return widths;
}

std::string format_widths(const std::vector<std::int64_t>& widths) {
  return fmt::format("{}", fmt::join(widths, ","));
}

double number(const Settings& settings, const std::string& name, double otherwise) {
  const double* x = std::get_if<double>(&settings.at(name));
  return x ? *x : otherwise;
}

bool has_word(const Settings& settings, const std::string& name, std::string_view word) {
  const std::string* text = std::get_if<std::string>(&settings.at(name));
  return text && *text == word;
}

}  // namespace diabolo
