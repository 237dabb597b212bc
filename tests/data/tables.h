// Help for tests of tables: columns in memory, cut into chunks of any size.
#pragma once

#include <diabolo/data/schema.h>

#include <cmath>
#include <limits>
#include <optional>

#include "files.h"

namespace diabolo {

inline constexpr double kMissingCell = std::numeric_limits<double>::quiet_NaN();

/// A table that is built column by column.
struct MemoryTable {
  std::vector<Field> fields = {};
  std::vector<std::vector<double>> numbers = {};
  std::vector<std::vector<std::optional<std::string>>> texts = {};

  MemoryTable& add(std::string name, ColumnType type, std::vector<double> values) {
    fields.push_back({.name = std::move(name), .type = type});
    numbers.push_back(std::move(values));
    texts.emplace_back();
    return *this;
  }
  MemoryTable& add(std::string name, std::vector<std::optional<std::string>> values) {
    fields.push_back({.name = std::move(name), .type = ColumnType::text, .sql_type = "VARCHAR"});
    numbers.emplace_back();
    texts.push_back(std::move(values));
    return *this;
  }

  std::size_t rows() const { return std::max(numbers[0].size(), texts[0].size()); }

  TableChunk chunk(std::size_t first, std::size_t count) const {
    TableChunk chunk{.rows = static_cast<std::int64_t>(count), .columns = {}};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      ColumnValues values;
      for (std::size_t row = first; row < first + count; ++row) {
        if (fields[i].type == ColumnType::text)
          values.text.push_back(texts[i][row] ? std::string_view(*texts[i][row])
                                              : std::string_view());
        else
          values.numbers.push_back(numbers[i][row]);
      }
      chunk.columns.push_back(std::move(values));
    }
    return chunk;
  }
  TableChunk all() const { return chunk(0, rows()); }
};

inline Schema infer(const MemoryTable& table, SchemaRequest request = {},
                    std::size_t chunk = 2048) {
  SchemaBuilder builder(table.fields, std::move(request));
  for (std::size_t first = 0; first < table.rows(); first += chunk)
    builder.add(table.chunk(first, std::min(chunk, table.rows() - first)));
  return builder.finish();
}

/// The schema of a table of one column, beside one of numbers so that something is left to model.
inline ColumnSchema infer_numbers(ColumnType type, std::vector<double> values,
                                  const SchemaRequest& request = {}) {
  MemoryTable table;
  std::vector<double> other(values.size());
  for (std::size_t i = 0; i < other.size(); ++i) other[i] = std::sin(static_cast<double>(i));
  table.add("x", type, std::move(values)).add("other", ColumnType::real, std::move(other));
  return infer(table, request).columns[0];
}

inline ColumnSchema infer_texts(std::vector<std::optional<std::string>> values,
                                const SchemaRequest& request = {}) {
  MemoryTable table;
  std::vector<double> other(values.size());
  for (std::size_t i = 0; i < other.size(); ++i) other[i] = std::sin(static_cast<double>(i));
  table.add("x", std::move(values)).add("other", ColumnType::real, std::move(other));
  return infer(table, request).columns[0];
}

/// f(0), f(1), ..., f(count - 1).
template <class F>
std::vector<double> make_numbers(std::size_t count, const F& f) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = f(i);
  return values;
}

}  // namespace diabolo
