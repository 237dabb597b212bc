// Cells back to the values of a table: in the range of training, with its decimals and its names.
#include <diabolo/base/error.h>
#include <diabolo/data/cells.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

/// Types are kept, also for means.
double as_type(ColumnType type, double x) {
  if (type == ColumnType::integer || type == ColumnType::boolean) return std::round(x);
  if (type == ColumnType::date) return std::round(x / kDay) * kDay;
  return x;
}

double level_value(const ColumnSchema& column, double cell, bool mean) {
  const double last = static_cast<double>(column.values.size() - 1);
  cell = std::clamp(cell, 0.0, last);
  if (!mean || is_of_names(column.kind))
    return column.values[static_cast<std::size_t>(std::round(cell))];
  const double whole = std::floor(cell);
  const auto i = static_cast<std::size_t>(whole);
  const double low = column.values[i],
               high = column.values[std::min(i + 1, column.values.size() - 1)];
  return as_type(column.field.type, low + (cell - whole) * (high - low));
}

double number_value(const ColumnSchema& column, double cell, bool mean) {
  double x = column.code.to_data(cell, !mean);
  if (mean) x = as_type(column.field.type, x);
  if (x < column.low) return column.low;
  if (x > column.high) return column.high;
  return x + 0.0;  // not -0
}

}  // namespace

void decode_cells(const Schema& schema, std::span<const float> cells, bool mean,
                  TableChunk& chunk) {
  const std::vector<int> columns = cell_columns(schema);
  const std::size_t width = columns.size();
  ensure(width > 0 && cells.size() % width == 0, "cells", "whole rows of cells");
  const std::size_t rows = cells.size() / width;
  std::vector<std::size_t> places(schema.columns.size());  // among the used columns
  std::size_t used = 0;
  for (std::size_t i = 0; i < schema.columns.size(); ++i)
    if (schema.columns[i].used) places[i] = used++;

  chunk.rows = static_cast<std::int64_t>(rows);
  chunk.columns.resize(width);
  for (std::size_t c = 0; c < width; ++c) {
    const auto from = static_cast<std::size_t>(columns[c]);
    const ColumnSchema& column = schema.columns[from];
    ColumnValues& values = chunk.columns[places[from]];
    const bool text = column.field.type == ColumnType::text;
    values.text.assign(text ? rows : 0, {});
    values.numbers.assign(text ? 0 : rows, kMissing);
    for (std::size_t row = 0; row < rows; ++row) {
      const double cell = cells[row * width + c];
      if (std::isnan(cell)) continue;
      if (text) {
        const double last = static_cast<double>(column.levels.size() - 1);
        values.text[row] =
            column.levels[static_cast<std::size_t>(std::round(std::clamp(cell, 0.0, last)))];
      } else if (column.code.form == ColumnCode::levels) {
        values.numbers[row] = level_value(column, cell, mean);
      } else {
        values.numbers[row] = number_value(column, cell, mean);
      }
    }
  }
}

}  // namespace diabolo
