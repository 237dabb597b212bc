// Schemas as JSON: whole ones, as in a model, and those that people edit.
#include <diabolo/data/cells.h>
#include <diabolo/data/read.h>
#include <diabolo/data/source.h>
#include <diabolo/data/value_text.h>
#include <diabolo/io/schema_file.h>

#include <cmath>

#include "harness.h"
#include "mutate.h"

namespace {

using namespace diabolo;

constexpr std::size_t kMostColumns = 64;  // that are used

/// Cells of numbers that lie anywhere, to values, and those to cells again.
void go_through(const Schema& schema) {
  const auto width = cell_columns(schema).size();
  if (width == 0 || width > kMostColumns) return;
  std::vector<float> cells;
  for (const float x : {0.0f, 1.0f, 0.5f, -3.0f, 1e9f, -1e9f, 70000.0f, std::nanf("")})
    cells.insert(cells.end(), width, x);
  std::vector<Field> fields;
  for (const ColumnSchema& column : schema.columns)
    if (column.used) fields.push_back(column.field);
  for (const bool mean : {true, false}) {
    TableChunk chunk;
    decode_cells(schema, cells, mean, chunk);
    for (std::size_t c = 0; c < fields.size(); ++c)
      for (const double x : chunk.columns[c].numbers)
        if (std::isfinite(x)) value_text(fields[c].type, x);
    for (ColumnValues& column : chunk.columns)  // of huge scales, which no reader gives
      for (double& x : column.numbers)
        if (std::isinf(x)) x = 0;
    std::vector<double> slopes(static_cast<std::size_t>(chunk.rows));
    CellEncoder(schema, fields).encode(chunk, cells, slopes);
  }
}

std::size_t use(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path, 1 << 24);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  try {
    const Schema request = schema_request_from_json(text, path);
    describe(request);
    SchemaBuilder builder({{.name = "a"}, {.name = "b", .type = ColumnType::text}},
                          {.given = &request});
  } catch (const Error&) {
    // Then schema_from_json refuses it too, and says so.
  }
  const Schema schema = schema_from_json(text, path);
  describe(schema);
  schema_from_json(schema_to_json(schema), path);
  go_through(schema);
  return bytes.size();
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
DIABOLO_FUZZ_MUTATOR(diabolo::fuzz::mutate_json)
