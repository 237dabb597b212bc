#include <diabolo/base/error.h>
#include <diabolo/data/read_table.h>

#include <algorithm>

namespace diabolo {
namespace {

/// "a, b and 3 more".
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  if (names.size() > kMost) text += fmt::format(" and {} more", names.size() - kMost);
  return text;
}

std::string values(std::int64_t count) {
  return count == 1 ? "a value" : fmt::format("{} values", count);
}

void add_missing_words(TableOptions& options, const Schema& schema) {
  for (const std::string& word : schema.missing_words)
    if (std::find(options.missing.begin(), options.missing.end(), word) == options.missing.end())
      options.missing.push_back(word);
}

Dataset read_cells(TableReader& reader, std::shared_ptr<const Schema> schema, bool rows_known,
                   bool allow_absent, CellNotes* notes);

}  // namespace

void prepare(TableOptions& options, const Schema& schema) {
  add_missing_words(options, schema);
  options.types_if_there = true;
  for (const ColumnSchema& column : schema.columns) {
    if (!column.used) continue;
    const Field& field = column.field;
    options.types[field.name] = field.type;
    if (field.type == ColumnType::date || field.type == ColumnType::timestamp)
      options.formats[field.name] = field.format;
  }
}

void prepare(TableOptions& options, SchemaRequest& request) {
  if (request.given) {
    add_missing_words(options, *request.given);
    for (const ColumnSchema& column : request.given->columns)
      if (column.used && column.kind == Kind::categorical)
        options.types[column.field.name] = ColumnType::text;
  }
  for (const auto& [name, kind] : request.kinds)
    if (kind == "categorical")
      options.types[name] = ColumnType::text;
    else
      options.types.erase(name);
  request.missing_words = options.missing;
}

std::vector<std::string> warnings(const CellNotes& notes) {
  std::vector<std::string> lines;
  if (!notes.ignored.empty())
    lines.push_back(
        fmt::format("columns that the model does not know are ignored: {}", listed(notes.ignored)));
  if (!notes.absent.empty())
    lines.push_back(
        fmt::format("columns that the model needs are taken as missing: {}", listed(notes.absent)));
  for (const auto& [column, note] : notes.unseen)
    lines.push_back(fmt::format(
        "column '{}' has {} that the model has never seen, taken as missing; the first is '{}' "
        "in row {} (from 0)",
        column, values(note.count), note.first, note.first_row));
  for (const auto& [column, note] : notes.outside)
    lines.push_back(
        fmt::format("column '{}' has {} beyond those of training; the first is {} in row {} "
                    "(from 0)",
                    column, values(note.count), note.first, note.first_row));
  return lines;
}

Dataset read_table(TableReader& reader, const SchemaRequest& request) {
  SchemaBuilder builder(reader.fields(), request);
  TableChunk chunk;
  while (reader.next(chunk)) builder.add(chunk);
  reader.rewind();
  return read_cells(reader, std::make_shared<const Schema>(builder.finish()), true, false, nullptr);
}

Dataset read_table(TableReader& reader, std::shared_ptr<const Schema> schema, bool allow_absent,
                   CellNotes* notes) {
  return read_cells(reader, std::move(schema), false, allow_absent, notes);
}

namespace {

Dataset read_cells(TableReader& reader, std::shared_ptr<const Schema> schema, bool rows_known,
                   bool allow_absent, CellNotes* notes) {
  CellEncoder encoder(*schema, reader.fields(), allow_absent);
  const auto D = static_cast<std::size_t>(encoder.cells());
  Dataset data;
  // The rows of a table that has been looked at are known: then no array grows.
  data.values = Tensor(DType::f32, {rows_known ? schema->rows : 0, static_cast<std::int64_t>(D)});
  data.log_slopes.reserve(rows_known ? static_cast<std::size_t>(schema->rows) : 0);
  TableChunk chunk;
  while (reader.next(chunk)) {
    const std::size_t rows = data.log_slopes.size(), more = static_cast<std::size_t>(chunk.rows);
    data.log_slopes.resize(rows + more);
    if (std::ssize(data.log_slopes) > data.size())
      data.values.resize_rows(std::ssize(data.log_slopes));
    encoder.encode(chunk, data.values.as<float>().subspan(rows * D, more * D),
                   std::span(data.log_slopes).subspan(rows));
  }
  const auto N = static_cast<std::int64_t>(data.log_slopes.size());
  check(N >= 1, ErrorCode::corrupt_file, "read", "expected at least one row in '{}', got none",
        reader.path());
  data.values.resize_rows(N);
  data.row_shape = Shape{static_cast<std::int64_t>(D)};
  data.name = reader.path();
  data.columns = cell_names(*schema);
  data.schema = std::move(schema);
  if (notes) *notes = encoder.notes();
  return data;
}

}  // namespace

}  // namespace diabolo
