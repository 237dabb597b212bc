// Values as text, in the way of the file that they belong to.
#include <diabolo/data/duckdb/cell_text.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ctime>

namespace diabolo::duckdb {
namespace {

constexpr std::int64_t kMicro = 1'000'000;

/// Seconds since 1970 as whole seconds and the microseconds beyond them.
struct Moment {
  std::time_t seconds;
  std::int64_t micros;
};

Moment moment_of(double x) {
  const double whole = std::floor(x);
  Moment moment{static_cast<std::time_t>(whole), std::llround((x - whole) * kMicro)};
  if (moment.micros == kMicro) moment = {moment.seconds + 1, 0};
  return moment;
}

std::string fraction(std::int64_t micros) {
  if (micros == 0) return "";
  std::string text = fmt::format(".{:06}", micros);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

/// strftime with DuckDB's signs for fractions of a second.
std::string by_format(std::string format, const std::tm& time, std::int64_t micros) {
  const std::pair<std::string_view, std::string> fractions[] = {
      {"%f", fmt::format("{:06}", micros)},
      {"%g", fmt::format("{:03}", micros / 1000)},
      {"%n", fmt::format("{:09}", micros * 1000)}};
  for (std::size_t at = 0; (at = format.find('%', at)) != std::string::npos;) {
    std::size_t step = 2;
    for (const auto& [sign, text] : fractions)
      if (std::string_view(format).substr(at, 2) == sign) {
        format.replace(at, 2, text);
        step = text.size();
        break;
      }
    at += step;
  }
  char room[256];
  return std::string(room, std::strftime(room, sizeof room, format.c_str(), &time));
}

std::string format_moment(const Field& field, double x) {
  // Beyond what a calendar of four digits shows.
  constexpr double kLow = -62135596800.0, kHigh = 253402300799.0;
  const auto [seconds, micros] = moment_of(std::clamp(x, kLow, kHigh));
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  if (!field.format.empty()) return by_format(field.format, time, micros);
  const std::string date =
      fmt::format("{:04}-{:02}-{:02}", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday);
  const std::string clock =
      fmt::format("{:02}:{:02}:{:02}{}", time.tm_hour, time.tm_min, time.tm_sec, fraction(micros));
  if (field.type == ColumnType::date) return date;
  return field.type == ColumnType::time ? clock : date + " " + clock;
}

std::string format_number(const Field& field, double x, char decimal) {
  // Fifteen digits: as many as every double keeps, so that 12.34 is not 12.340000000000002.
  std::string text = field.type == ColumnType::integer ? fmt::format("{:.0f}", std::nearbyint(x))
                     : field.sql_type == "FLOAT"       ? fmt::format("{}", static_cast<float>(x))
                                                       : fmt::format("{:.15g}", x);
  if (text == "-0") text = "0";
  if (decimal != '.') std::replace(text.begin(), text.end(), '.', decimal);
  return text;
}

}  // namespace

std::string format_cell(const Field& field, double x, char decimal) {
  if (std::isnan(x)) return "";
  switch (field.type) {
    case ColumnType::boolean: {
      const std::string words = field.format.empty() ? "true/false" : field.format;
      const std::size_t bar = words.find('/');
      return x >= 0.5 || bar == std::string::npos ? words.substr(0, bar) : words.substr(bar + 1);
    }
    case ColumnType::date:
    case ColumnType::timestamp:
      return format_moment(field, x);
    case ColumnType::time: {
      return format_moment(field, std::clamp(x, 0.0, kDay - 1e-6));
    }
    default:
      return format_number(field, x, decimal);
  }
}

}  // namespace diabolo::duckdb
