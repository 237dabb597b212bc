#include <diabolo/base/nearest.h>
#include <diabolo/data/cells.h>
#include <diabolo/data/columns.h>
#include <diabolo/data/source.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

bool is_whole(double x) { return std::isnan(x) || (x == std::floor(x) && std::abs(x) < 0x1p53); }

Field field_of(const Column& column) {
  if (!column.texts.empty()) return {column.name, ColumnType::text, "VARCHAR"};
  const bool whole = std::all_of(column.numbers.begin(), column.numbers.end(), is_whole);
  if (whole) return {column.name, ColumnType::integer, "BIGINT"};
  return {column.name, ColumnType::real, "DOUBLE"};
}

/// The columns as one block of rows; texts point into them.
TableChunk chunk_of(const std::vector<Column>& columns, std::vector<Field>& fields) {
  check(!columns.empty() && columns[0].size() > 0, ErrorCode::invalid_argument, "table",
        "expected at least one column with at least one row, got none; give columns");
  TableChunk chunk{.rows = static_cast<std::int64_t>(columns[0].size()), .columns = {}};
  for (const Column& column : columns) {
    check(column.numbers.empty() || column.texts.empty(), ErrorCode::invalid_argument, "table",
          "expected numbers or texts in column {}, got both; leave one empty",
          in_quotes(column.name));
    check(std::ssize(column.numbers) + std::ssize(column.texts) == chunk.rows,
          ErrorCode::invalid_argument, "table",
          "expected {} values in column {} as in the first one, got {}; make them as long",
          chunk.rows, in_quotes(column.name), column.size());
    fields.push_back(field_of(column));
    ColumnValues values{.numbers = column.numbers, .text = {}};
    for (const std::string& text : column.texts)
      values.text.push_back(text.empty() ? std::string_view() : std::string_view(text));
    chunk.columns.push_back(std::move(values));
  }
  return chunk;
}

Dataset table_of(const TableChunk& chunk, const std::vector<Field>& fields,
                 std::shared_ptr<const Schema> schema, bool allow_absent) {
  CellEncoder encoder(*schema, fields, allow_absent);
  Dataset data;
  data.values = Tensor(DType::f32, {chunk.rows, encoder.cells()});
  data.log_slopes.resize(static_cast<std::size_t>(chunk.rows));
  encoder.encode(chunk, data.values.as<float>(), data.log_slopes);
  data.row_shape = Shape{encoder.cells()};
  data.name = "table";
  data.columns = cell_names(*schema);
  data.schema = std::move(schema);
  return data;
}

const ColumnSchema& schema_of(const Dataset& table, std::size_t cell) {
  const auto place = static_cast<std::size_t>(cell_columns(*table.schema)[cell]);
  return table.schema->columns[place];
}

}  // namespace

Dataset make_table(const std::vector<Column>& columns, const SchemaRequest& request) {
  std::vector<Field> fields;
  const TableChunk chunk = chunk_of(columns, fields);
  SchemaBuilder builder(fields, request);
  builder.add(chunk);
  return table_of(chunk, fields, std::make_shared<const Schema>(builder.finish()), false);
}

Dataset make_table(const std::vector<Column>& columns, std::shared_ptr<const Schema> schema,
                   bool allow_absent) {
  check(schema != nullptr, ErrorCode::invalid_argument, "table",
        "expected the schema of a table, got none; take that of a model that was fitted to one");
  std::vector<Field> fields;
  const TableChunk chunk = chunk_of(columns, fields);
  return table_of(chunk, fields, std::move(schema), allow_absent);
}

std::size_t cell_named(const Dataset& table, std::string_view name) {
  check(table.schema != nullptr, ErrorCode::invalid_argument, "table",
        "expected a table with a column {}, got an array in {}; take its numbers by their places",
        in_quotes(name), in_quotes(table.name));
  const std::vector<std::string> names = cell_names(*table.schema);
  const auto at = std::find(names.begin(), names.end(), name);
  check(at != names.end(), ErrorCode::invalid_argument, "table",
        "expected a column that is modelled, got {}{}", in_quotes(name),
        suggestion(std::string(name), names));
  return static_cast<std::size_t>(at - names.begin());
}

Column column(const Dataset& table, std::string_view name) {
  const std::size_t cell = cell_named(table, name);
  const auto width = static_cast<std::size_t>(table.dimensions());
  const auto rows = static_cast<std::size_t>(table.size());
  std::vector<float> cells(rows);
  for (std::size_t row = 0; row < rows; ++row)
    cells[row] = table.values.as<float>()[row * width + cell];
  const Schema alone{.columns = {schema_of(table, cell)}, .rows = table.size()};
  TableChunk chunk;
  decode_cells(alone, cells, false, chunk);
  Column column{.name = std::string(name), .numbers = std::move(chunk.columns[0].numbers)};
  for (const std::string_view text : chunk.columns[0].text) column.texts.emplace_back(text);
  return column;
}

Dataset without(const Dataset& table, const std::vector<std::string>& columns) {
  Dataset copy = table.rows(0, table.size());
  CellHider hider(copy);
  for (const std::string& name : columns) {
    const std::size_t cell = cell_named(copy, name);
    for (std::size_t row = 0; row < static_cast<std::size_t>(copy.size()); ++row)
      hider.hide(row, cell);
  }
  return copy;
}

CellHider::CellHider(Dataset& data) : data_(data) {
  if (data.schema && !data.log_slopes.empty()) codes_ = cell_codes(*data.schema);
}

void CellHider::hide(std::size_t row, std::size_t cell) {
  const auto width = static_cast<std::size_t>(data_.dimensions());
  float& value = data_.values.as<float>()[row * width + cell];
  if (!std::isnan(value) && !codes_.empty()) {
    const ColumnCode& code = *codes_[cell];
    data_.log_slopes[row] -= code.log_slope(code.to_data(static_cast<double>(value)));
  }
  value = kMissing;
}

}  // namespace diabolo
