#include <diabolo/data/duckdb/cell_text.h>
#include <diabolo/data/value_text.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <ctime>

namespace diabolo {
namespace {

constexpr double kDay = 86400;
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

std::optional<double> parse_moment(const Field& field, const std::string& text) {
  std::vector<const char*> formats;
  if (!field.format.empty()) formats.push_back(field.format.c_str());
  if (field.type == ColumnType::time)
    formats.insert(formats.end(), {"%H:%M:%S", "%H:%M"});
  else
    formats.insert(formats.end(),
                   {"%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"});
  for (const char* format : formats)
    if (const auto seconds = parse_moment(field.type, text, format)) return seconds;
  return {};
}

}  // namespace

std::string value_text(ColumnType type, double value) {
  if (type == ColumnType::boolean) return value != 0 ? "true" : "false";
  return is_moment(type) ? moment_text(type, value) : fmt::format("{}", value);
}

std::string short_value_text(ColumnType type, double value) {
  if (type == ColumnType::boolean || is_moment(type)) return value_text(type, value);
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
