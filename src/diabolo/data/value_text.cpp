#include <diabolo/data/value_text.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>

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

}  // namespace diabolo
