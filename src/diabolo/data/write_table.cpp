#include <diabolo/data/cells.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/source.h>
#include <diabolo/data/write_table.h>

#include <filesystem>

namespace diabolo {
namespace {

void write_numbers(const TableChunk& chunk, const std::vector<OutputColumn>& columns,
                   const std::string& path) {
  Tensor numbers(DType::f64, {chunk.rows, std::ssize(columns)});
  for (std::size_t c = 0; c < columns.size(); ++c) {
    check(columns[c].field.type != ColumnType::text, ErrorCode::unsupported, "write",
          "expected columns of numbers for .npy, got text in {}; write .csv or .parquet",
          in_quotes(columns[c].field.name));
    for (std::size_t row = 0; row < static_cast<std::size_t>(chunk.rows); ++row)
      numbers.as<double>()[row * columns.size() + c] = chunk.columns[c].numbers[row];
  }
  write_npy(numbers, numbers.shape(), path);
}

}  // namespace

void write_table(const Dataset& table, const std::string& path, bool means) {
  TableFormat format = TableFormat::csv;
  const bool npy = std::filesystem::path(path).extension() == ".npy";
  check(
      npy || table_format(path, format), ErrorCode::unsupported, "write",
      "expected a path ending in .csv, .tsv, .parquet, .jsonl or .npy for a table, got {}; choose "
      "one of them",
      in_quotes(path));
  TableChunk chunk;
  decode_cells(*table.schema, table.values.as<float>(), means, chunk);
  std::vector<OutputColumn> columns;
  for (const ColumnSchema& column : table.schema->columns)
    if (column.used) columns.push_back({column.field});
  if (npy) return write_numbers(chunk, columns, path);
  TableWriter writer(path, format, std::move(columns));
  writer.append(chunk);
  writer.commit();
}

}  // namespace diabolo
