// A schema as a table of at most 100 columns. Widths count characters, not bytes.
#include <diabolo/data/schema.h>
#include <diabolo/data/value_text.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace diabolo {
namespace {

constexpr std::size_t kWidest = 100;  // a line, if the rest leaves the ranges what they need
constexpr std::size_t kWidestName = 22, kNarrowestRange = 16, kWidestRange = 36;

using Line = std::array<std::string, 6>;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// Line breaks and other control characters would break the table.
std::string printable(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return result;
}

std::string cut(const std::string& text, std::size_t most) {
  if (width(text) <= most) return text;
  std::size_t seen = 0, end = 0;
  for (; end < text.size(); ++end)
    if (begins_character(text[end]) && ++seen > most - 2) break;
  return text.substr(0, end) + "..";
}

/// "red, green, blue, ... 12 more", with as many as there is room for.
std::string list(const std::vector<std::string>& levels, std::size_t room) {
  const auto more = [&](std::size_t shown) {
    return shown == levels.size() ? std::string()
                                  : fmt::format(", ... {} more", levels.size() - shown);
  };
  std::string text = cut(printable(levels[0]), std::max<std::size_t>(4, room - width(more(1))));
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const std::string longer = text + ", " + printable(levels[i]);
    if (width(longer + more(i + 1)) > room) return text + more(i);
    text = longer;
  }
  return text;
}

std::string range_of(const ColumnSchema& c, std::size_t room) {
  const ColumnType type = c.field.type;
  if (!c.levels.empty()) return list(c.levels, room);
  if (!c.values.empty() && (is_of_names(c.kind) || c.values.size() <= 5)) {
    std::vector<std::string> levels;
    for (const double x : c.values) levels.push_back(short_value_text(c.field, x));
    return list(levels, room);
  }
  if (std::isnan(c.low)) return "";
  std::string low = short_value_text(c.field, c.low), high = short_value_text(c.field, c.high);
  if (low == high) return low;
  if (type == ColumnType::timestamp && width(low + " to " + high) > room) {
    const std::size_t day = low.find(' ');
    if (low.substr(0, day) == high.substr(0, high.find(' ')))
      return cut(fmt::format("{} to {}", low.substr(0, day + 9), high.substr(day + 1, 8)), room);
    low = low.substr(0, day);  // days tell enough
    high = high.substr(0, high.find(' '));
  }
  return cut(low + " to " + high, room);
}

std::string missing_of(const ColumnSchema& c, std::int64_t rows) {
  if (c.missing == 0) return "";
  const double share =
      100 * static_cast<double>(c.missing) / static_cast<double>(std::max<std::int64_t>(rows, 1));
  return share < 0.1 ? fmt::format("{}", c.missing)
                     : fmt::format("{:.{}f} %", share, share < 10 ? 1 : 0);
}

std::string likelihood_of(const ColumnSchema& c) {
  if (!c.used) return "-";
  const std::int64_t levels = c.likelihood.type == "bernoulli" ? 0 : c.level_count();
  return levels > 0 ? fmt::format("{} {}", c.likelihood.type, levels) : c.likelihood.type;
}

}  // namespace

std::string describe(const Schema& schema) {
  std::vector<Line> lines{{"column", "kind", "", "missing", "likelihood", "why"}};
  for (const ColumnSchema& c : schema.columns)
    lines.push_back({cut(printable(c.field.name), kWidestName), std::string(name(c.kind)), "",
                     missing_of(c, schema.rows), likelihood_of(c),
                     (c.used ? "" : "left out: ") + printable(c.why)});
  std::array<std::size_t, 6> widths{};
  const auto measure = [&] {
    for (const Line& line : lines)
      for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
  };
  measure();
  std::size_t others = 2 * (widths.size() - 1);
  for (const std::size_t w : widths) others += w;
  const std::size_t room = others + kNarrowestRange >= kWidest
                               ? kNarrowestRange
                               : std::min(kWidest - others, kWidestRange);
  lines[0][2] = "range or levels";
  for (std::size_t i = 0; i < schema.columns.size(); ++i)
    lines[i + 1][2] = range_of(schema.columns[i], room);
  measure();

  std::string text;
  for (const Line& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string space(widths[i] - width(line[i]), ' ');
      row += i == 3 ? space + line[i] : line[i] + space;  // numbers stand at the right
      if (i + 1 < line.size()) row += "  ";
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

}  // namespace diabolo
