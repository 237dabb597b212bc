#include <diabolo/data/cells.h>
#include <diabolo/data/value_text.h>
#include <diabolo/report/columns.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

namespace diabolo {
namespace {

constexpr std::int64_t kFewLevels = 20;  // numbers with more are shown as numbers

std::vector<double> values_at(const Dataset& data, std::size_t place) {
  std::vector<double> values;
  const auto D = static_cast<std::size_t>(data.dimensions());
  for (std::size_t at = place; at < static_cast<std::size_t>(data.values.size()); at += D)
    values.push_back(data.values.number(at));
  return values;
}

ReportColumn table_column(const ColumnSchema& of, std::vector<double> cells) {
  ReportColumn column;
  column.name = of.field.name;
  column.type = of.field.type;
  column.is_ordered = !is_of_names(of.kind);
  const bool by_level = of.code.form == ColumnCode::levels &&
                        (is_of_names(of.kind) || of.level_count() <= kFewLevels);
  if (by_level) {
    column.levels = of.levels;
    if (of.levels.empty())
      for (const double x : of.values) column.levels.push_back(value_text(of.field, x));
  }
  for (double& cell : cells)
    if (!std::isnan(cell))
      cell = by_level                             ? cell
             : of.code.form == ColumnCode::levels ? of.values[static_cast<std::size_t>(cell)]
                                                  : of.code.to_data(cell);
  column.values = std::move(cells);
  return column;
}

/// Where a column's numbers are, and what is known of it.
struct Place {
  std::string name;
  std::size_t cell;
  const ColumnSchema* schema;  // null: of an array
};

/// In the order of the file; pictures have none.
std::vector<Place> places(const Dataset& data) {
  std::vector<Place> list;
  if (!data.schema) {
    for (std::size_t d = 0; d < column_count(data); ++d)
      list.push_back(
          {d < data.columns.size() ? data.columns[d] : fmt::format("c{}", d), d, nullptr});
    return list;
  }
  const std::vector<int> columns = cell_columns(*data.schema);
  std::vector<std::pair<int, std::size_t>> order;
  for (std::size_t cell = 0; cell < columns.size(); ++cell) order.emplace_back(columns[cell], cell);
  std::sort(order.begin(), order.end());
  for (const auto& [column, cell] : order) {
    const ColumnSchema& of = data.schema->columns[static_cast<std::size_t>(column)];
    list.push_back({of.field.name, cell, &of});
  }
  return list;
}

ReportColumn column_at(const Dataset& data, const Place& place) {
  if (place.schema) return table_column(*place.schema, values_at(data, place.cell));
  ReportColumn column;
  column.name = place.name;
  column.values = values_at(data, place.cell);
  return column;
}

/// The place of each level and how often it is there, from texts of rows.
ReportColumn by_levels(std::string name, const std::vector<std::string>& texts,
                       std::vector<std::string> levels, std::size_t most) {
  ReportColumn column;
  column.name = std::move(name);
  column.type = ColumnType::text;
  const bool is_cut = levels.size() > most;
  if (is_cut) levels.resize(most - 1);
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < levels.size(); ++i) places[levels[i]] = i;
  for (const std::string& text : texts) {
    const auto place = places.find(text);
    column.values.push_back(text.empty()            ? kMissing
                            : place == places.end() ? static_cast<double>(levels.size())
                                                    : static_cast<double>(place->second));
  }
  column.levels = std::move(levels);
  if (is_cut) column.levels.push_back("others");
  return column;
}

}  // namespace

std::string ReportColumn::text(double value) const {
  if (std::isnan(value)) return "";
  if (has_levels()) return levels[static_cast<std::size_t>(value)];
  return type == ColumnType::real ? fmt::format("{:.6g}", value) : value_text(type, value);
}

std::size_t column_count(const Dataset& data) {
  if (data.is_image) return 0;
  return static_cast<std::size_t>(data.dimensions());
}

std::vector<ReportColumn> report_columns(const Dataset& data, std::size_t most) {
  std::vector<ReportColumn> columns;
  const std::vector<Place> list = places(data);
  for (std::size_t c = 0; c < std::min(list.size(), most); ++c)
    columns.push_back(column_at(data, list[c]));
  return columns;
}

ColumnsWithHoles columns_with_holes(const Dataset& data, std::size_t most) {
  ColumnsWithHoles found;
  if (data.is_image || data.values.dtype() != DType::f32) return found;
  const std::span<const float> cells = data.values.as<float>();
  std::vector<std::int64_t> missing(static_cast<std::size_t>(data.dimensions()));
  for (std::size_t i = 0; i < cells.size(); ++i)
    missing[i % missing.size()] += std::isnan(cells[i]);
  std::vector<Place> list = places(data);
  std::erase_if(list, [&](const Place& place) { return missing[place.cell] == 0; });
  found.total = list.size();
  std::vector<std::size_t> chosen(list.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  std::ranges::stable_sort(chosen, std::greater<>(),
                           [&](std::size_t i) { return missing[list[i].cell]; });
  chosen.resize(std::min(chosen.size(), most));
  std::ranges::sort(chosen);
  for (const std::size_t i : chosen) found.columns.push_back(column_at(data, list[i]));
  return found;
}

std::optional<ReportColumn> report_column(const Dataset& data, std::string_view name) {
  for (const Place& place : places(data))
    if (place.name == name) return column_at(data, place);
  return {};
}

ReportColumn labels_of(std::string name, const std::vector<std::string>& texts, std::size_t most) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& text : texts)
    if (!text.empty()) ++counts[text];
  std::vector<std::string> levels;
  for (const auto& [text, count] : counts) levels.push_back(text);
  if (levels.size() > 10)
    std::stable_sort(levels.begin(), levels.end(), [&](const std::string& a, const std::string& b) {
      return counts[a] > counts[b];
    });
  return by_levels(std::move(name), texts, std::move(levels), most);
}

ReportColumn labels_of(std::string name, std::span<const double> values, std::size_t most) {
  std::map<double, std::string> known;
  bool is_whole = true;
  for (const double x : values) {
    if (std::isnan(x)) continue;
    is_whole &= x == std::floor(x);
    if (known.size() <= most) known.emplace(x, fmt::format("{}", x));
  }
  if (!is_whole || known.size() > most) {
    ReportColumn column;
    column.name = std::move(name);
    column.values.assign(values.begin(), values.end());
    return column;
  }
  std::vector<std::string> texts, levels;
  for (const double x : values) texts.push_back(std::isnan(x) ? "" : known[x]);
  for (const auto& [x, text] : known) levels.push_back(text);
  return by_levels(std::move(name), texts, std::move(levels), most);
}

ReportColumn select(const ReportColumn& column, std::span<const std::int64_t> rows) {
  ReportColumn part = column;
  part.values.clear();
  for (const std::int64_t row : rows)
    part.values.push_back(column.values[static_cast<std::size_t>(row)]);
  return part;
}

Json packed_column(const ReportColumn& column) {
  Json json{{"name", column.name}, {"kind", std::string(name(column.type))}};
  if (column.has_levels()) {
    json["kind"] = "levels";
    json["levels"] = column.levels;
    json["values"] = packed_levels(column.values, column.levels.size());
  } else {
    json["values"] = column.type == ColumnType::real ? packed_floats(column.values)
                                                     : packed_doubles(column.values);
  }
  return json;
}

}  // namespace diabolo
