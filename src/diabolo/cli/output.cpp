#include <diabolo/cli/output.h>
#include <diabolo/data/csv.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/source.h>
#include <diabolo/data/write.h>
#include <unistd.h>

#include <filesystem>

namespace diabolo::cli {
namespace {

namespace fs = std::filesystem;

bool is_pictures(const std::string& path) {
  std::error_code ignored;
  return path.ends_with('/') || path.ends_with(".png") || path.ends_with(".PNG") ||
         fs::is_directory(path, ignored);
}

Shape with_rows(std::int64_t rows, const Shape& row_shape) {
  std::vector<std::int64_t> dims{rows};
  dims.insert(dims.end(), row_shape.dims().begin(), row_shape.dims().end());
  return Shape(dims);
}

}  // namespace

void Output::add_to(Options& options, const std::string& endings) {
  options.option({.name = "output",
                  .placeholder = "OUT",
                  .help = endings,
                  .fallback = "rows on stdout",
                  .letter = 'o'},
                 into(path_));
  options.option({.name = "format",
                  .placeholder = "NAME",
                  .help = "of rows on stdout: csv, tsv, parquet, jsonl or npy",
                  .fallback = "csv"},
                 into(format_, {"csv", "tsv", "parquet", "jsonl", "npy"}));
}

void Output::check_usage(const Common& common) const {
  if (path_.empty()) {
    if (common.json)
      throw UsageError("expected -o OUT together with --json, got none; stdout takes either");
    return;
  }
  if (!format_.empty())
    throw UsageError("expected -o or --format, got both; with -o the ending decides");
  TableFormat table;
  if (!table_format(path_, table)) {
    if (!is_pictures(path_) && !path_.ends_with(".npy"))
      throw UsageError(
          fmt::format("expected a path ending in .csv, .tsv, .parquet, .jsonl, .npy, or "
                      ".png or '/' for pictures, got '{}'; choose one of them",
                      path_));
    as_usage([&] { check_writable(path_, Shape{1, 1}); });
  }
  fs::path target = fs::path(path_).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  const std::string folder = target.has_parent_path() ? target.parent_path().string() : ".";
  std::error_code ignored;
  check(!fs::is_directory(target, ignored) || fs::is_empty(target, ignored), ErrorCode::io,
        "output",
        "expected a new or an empty folder at {}, got one with files in it; choose another",
        in_quotes(path_));
  check(fs::is_directory(folder, ignored) && ::access(folder.c_str(), W_OK) == 0, ErrorCode::io,
        "output",
        "expected a folder to write {} to, got none at {} that may be written to; make it",
        in_quotes(path_), in_quotes(folder));
}

void Output::check_rows(const Shape& row_shape) const {
  TableFormat table;
  if (!path_.empty() && !table_format(path_, table)) check_writable(path_, row_shape);
}

ResultColumn whole_numbers(std::string name, std::vector<double> values) {
  return {{std::move(name), ColumnType::integer, "BIGINT"}, {std::move(values), {}}};
}

ResultColumn real_numbers(std::string name, std::vector<double> values) {
  return {{std::move(name), ColumnType::real, "DOUBLE"}, {std::move(values), {}}};
}

ResultColumn words(std::string name, std::vector<std::string> values) {
  ResultColumn column{{std::move(name), ColumnType::text, "VARCHAR"}};
  column.texts = std::make_shared<const std::vector<std::string>>(std::move(values));
  column.cells.text.assign(column.texts->begin(), column.texts->end());
  return column;
}

std::vector<ResultColumn> number_columns(const Tensor& rows,
                                         const std::vector<std::string>& names) {
  const auto width = static_cast<std::size_t>(rows.row_size());
  std::vector<ResultColumn> columns;
  for (std::size_t c = 0; c < width; ++c) {
    std::vector<double> values;
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows.rows()); ++r)
      values.push_back(rows.number(r * width + c));
    columns.push_back(rows.dtype() == DType::u8 ? whole_numbers(names[c], std::move(values))
                                                : real_numbers(names[c], std::move(values)));
    if (rows.dtype() == DType::f32) columns.back().field.sql_type = "FLOAT";
  }
  return columns;
}

namespace {

std::vector<std::string> names_of(const std::vector<ResultColumn>& columns) {
  std::vector<std::string> names;
  for (const ResultColumn& column : columns) names.push_back(column.field.name);
  return names;
}

/// Columns of numbers side by side, f64.
Tensor side_by_side(const std::vector<ResultColumn>& columns, std::int64_t rows) {
  const auto width = static_cast<std::int64_t>(columns.size());
  Tensor table(DType::f64, {rows, width});
  for (std::size_t c = 0; c < columns.size(); ++c) {
    check(columns[c].cells.numbers.size() == static_cast<std::size_t>(rows), ErrorCode::unsupported,
          "output", "expected columns of new numbers for .npy, got '{}'; write .csv or .parquet",
          columns[c].field.name);
    for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r)
      table.as<double>()[r * columns.size() + c] = columns[c].cells.numbers[r];
  }
  return table;
}

TableFormat format_named(const std::string& name) {
  TableFormat format = TableFormat::csv;
  table_format("rows." + (name.empty() ? std::string("csv") : name), format);
  return format;
}

void write_table(const std::string& path, TableFormat format,
                 const std::vector<ResultColumn>& columns, std::int64_t rows,
                 const TableReader* input) {
  std::vector<OutputColumn> fields;
  TableChunk chunk{.rows = rows, .columns = {}};
  for (const ResultColumn& column : columns) {
    fields.push_back({column.field, column.from});
    chunk.columns.push_back(column.cells);
  }
  TableWriter writer(path, format, std::move(fields), input);
  writer.append(chunk);
  writer.commit();
}

}  // namespace

void Output::write(const std::string& path, const std::vector<ResultColumn>& columns,
                   std::int64_t rows, const TableReader* input) const {
  const bool npy = path.empty() ? format_ == "npy" : path.ends_with(".npy");
  if (npy) {
    const Tensor table = side_by_side(columns, rows);
    const Shape shape{rows, table.row_size()};
    return path.empty() ? format_npy(table, shape, print) : write_npy(table, shape, path);
  }
  TableFormat format = format_named(format_);
  if (!path.empty() && !table_format(path, format))
    fail(ErrorCode::unsupported, "output",
         "expected an ending for a table (.csv, .tsv, .parquet, .jsonl, .npy), got {}; choose one",
         in_quotes(path));
  write_table(path, format, columns, rows, input);
}

void Output::write(const std::vector<ResultColumn>& columns, std::int64_t rows,
                   const TableReader* input, const Common& common) const {
  write(path_, columns, rows, input);
  if (path_.empty()) return;
  if (common.json)
    print_json({{"output", path_}, {"rows", rows}, {"columns", names_of(columns)}});
  else
    say(fmt::format("{} rows of {} columns in {}", grouped(rows), columns.size(), path_));
}

void Output::write(const Tensor& rows, const Shape& row_shape,
                   const std::vector<std::string>& columns, const std::string& prefix,
                   const GridOptions& grid, const Common& common) const {
  const std::vector<std::string> names =
      columns.empty() ? numbered_columns(rows.row_size(), prefix) : columns;
  TableFormat table = format_named(format_);
  const bool by_tables = path_.empty() ? !format_.empty() && format_ != "csv" && format_ != "npy"
                                       : table_format(path_, table) && table != TableFormat::csv;
  if (by_tables) return write(number_columns(rows, names), rows.rows(), nullptr, common);
  if (path_.empty()) {
    if (format_ == "npy") return format_npy(rows, with_rows(rows.rows(), row_shape), print);
    return format_csv(rows, names, print);
  }
  const WriteOptions options{.columns = names, .grid = grid};
  if (is_pictures(path_))
    diabolo::write(as_floats(rows), row_shape, path_, options);
  else
    diabolo::write(rows, row_shape, path_, options);
  if (common.json)
    print_json({{"output", path_}, {"rows", rows.rows()}, {"columns", rows.row_size()}});
  else
    say(fmt::format("{} rows of {} numbers in {}", grouped(rows.rows()), grouped(rows.row_size()),
                    path_));
}

}  // namespace diabolo::cli
