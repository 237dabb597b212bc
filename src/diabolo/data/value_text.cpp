#include <diabolo/data/duckdb/cell_text.h>
#include <diabolo/data/value_text.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <ctime>

namespace diabolo {
namespace {

constexpr double kMostDays = 3e6;  // some eight thousand years

std::string date_text(double days) {
  const std::chrono::sys_days day{std::chrono::days{static_cast<int>(days)}};
  const std::chrono::year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string time_text(double seconds) {
  const auto whole = static_cast<int>(seconds);
  const double part = seconds - whole;
  std::string text = fmt::format("{:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  if (part >= 5e-4) text += fmt::format("{:.3f}", std::min(part, 0.999)).substr(1);
  return text;
}

std::string moment_text(ColumnType type, double value) {
  const double days = std::floor(value / kDay);
  if (!(std::abs(days) < kMostDays)) return fmt::format("{}", value);
  if (type == ColumnType::date) return date_text(days);
  const std::string time = time_text(value - days * kDay);
  return type == ColumnType::time ? time : date_text(days) + " " + time;
}

bool is_moment(ColumnType type) {
  return type == ColumnType::date || type == ColumnType::time || type == ColumnType::timestamp;
}

// The whole of `text` by `format`, in seconds since 1970; a date that there is not is none.
std::optional<double> parse_moment(ColumnType type, const std::string& text, const char* format) {
  std::tm time{};
  time.tm_mday = 1;
  time.tm_year = 70;
  const char* end = ::strptime(text.c_str(), format, &time);
  if (end == nullptr || *end != '\0') return {};
  const int day = time.tm_mday;
  const auto seconds = static_cast<double>(::timegm(&time));  // the 31st of June is made a July day
  if (time.tm_mday != day || (type == ColumnType::date && time.tm_hour + time.tm_min > 0))
    return {};
  return seconds;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Takes "Z", "+01", "-0530" or "+05:30" off the end of a timestamp; the seconds that it is ahead.
double take_zone(std::string& text) {
  constexpr std::size_t kLeast = 11;  // signs before are those of a date
  std::size_t at = text.find_last_of("+-Z");
  if (at == std::string::npos || at < kLeast) return 0;
  const double sign = text[at] == '-' ? -1 : 1;
  std::string digits = text.substr(at + 1);
  if (digits.size() == 5 && digits[2] == ':') digits.erase(2, 1);
  const bool utc = text[at] == 'Z';
  if (utc ? !digits.empty() : !all_digits(digits) || (digits.size() != 2 && digits.size() != 4))
    return 0;
  while (at > 0 && text[at - 1] == ' ') --at;
  text.erase(at);
  if (utc) return 0;
  digits.resize(4, '0');
  const int number = std::stoi(digits), hours = number / 100, minutes = number % 100;
  return sign * (hours * 3600 + minutes * 60);
}

// Takes a fraction of a second off the end.
double take_fraction(std::string& text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string::npos || text.rfind(':', dot) == std::string::npos) return 0;
  const std::string fraction = text.substr(dot);
  if (!all_digits(std::string_view(fraction).substr(1))) return 0;
  text.erase(dot);
  return std::stod("0" + fraction);
}

// A format without its fraction of a second and its zone.
std::string to_seconds(std::string format) {
  if (format.ends_with("%z")) format.erase(format.size() - 2);
  if (format.ends_with("Z") && !format.ends_with("%Z")) format.pop_back();
  for (const char* fraction : {".%f", ".%g", ".%n"})
    if (format.ends_with(fraction)) format.erase(format.size() - 3);
  return format;
}

std::optional<double> parse_moment(const Field& field, const std::string& text) {
  std::vector<std::string> formats;
  if (!field.format.empty()) formats = {field.format, to_seconds(field.format)};
  if (field.type == ColumnType::time)
    formats.insert(formats.end(), {"%H:%M:%S", "%H:%M"});
  else if (duckdb::takes_iso(field.format))
    formats.insert(formats.end(), {"%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
                                   "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"});
  for (const std::string& format : formats)
    if (const auto seconds = parse_moment(field.type, text, format.c_str())) return seconds;
  if (field.type == ColumnType::date) return {};
  std::string clock = text;
  const double ahead = field.type == ColumnType::timestamp ? take_zone(clock) : 0;
  const double fraction = take_fraction(clock);
  if (clock == text) return {};
  for (const std::string& format : formats)
    if (const auto seconds = parse_moment(field.type, clock, format.c_str()))
      return *seconds + fraction - ahead;
  return {};
}

}  // namespace

std::string value_text(ColumnType type, double value) {
  if (type == ColumnType::boolean) return value != 0 ? "true" : "false";
  return is_moment(type) ? moment_text(type, value) : fmt::format("{}", value);
}

std::string value_text(const Field& field, double value) {
  const auto bar = field.format.find('/');
  if (field.type != ColumnType::boolean || bar == std::string::npos)
    return value_text(field.type, value);
  return value != 0 ? field.format.substr(0, bar) : field.format.substr(bar + 1);
}

std::string short_value_text(const Field& field, double value) {
  if (field.type == ColumnType::boolean || is_moment(field.type)) return value_text(field, value);
  const double size = std::abs(value);
  if (size < 1e9 && (size >= 1e4 || value == std::round(value)))
    return fmt::format("{:.0f}", value);
  return fmt::format("{:.5g}", value);
}

std::optional<double> parse_value(const Field& field, const std::string& text) {
  if (is_moment(field.type))
    if (const auto seconds = parse_moment(field, text)) return seconds;
  if (field.type == ColumnType::boolean) {
    const auto bar = field.format.find('/');
    if (bar != std::string::npos && text == field.format.substr(0, bar)) return 1;
    if (bar != std::string::npos && text == field.format.substr(bar + 1)) return 0;
    if (bool value = false; duckdb::parse_boolean(text, value)) return value;
  }
  double number = 0;
  if (!duckdb::parse_number(text, {}, number) || !std::isfinite(number)) return {};
  return number;
}

}  // namespace diabolo
