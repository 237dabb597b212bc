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
                  .help = "of rows on stdout: csv or npy",
                  .fallback = "csv"},
                 into(format_, {"csv", "npy"}));
}

void Output::check_usage(const Common& common) const {
  if (path_.empty()) {
    if (common.json)
      throw UsageError("expected -o OUT together with --json, got none; stdout takes either");
    return;
  }
  if (!format_.empty())
    throw UsageError("expected -o or --format, got both; with -o the ending decides");
  as_usage([&] { check_writable(path_, Shape{1, 1}); });
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
  if (!path_.empty()) check_writable(path_, row_shape);
}

void Output::write(const Tensor& rows, const Shape& row_shape,
                   const std::vector<std::string>& columns, const std::string& prefix,
                   const GridOptions& grid, const Common& common) const {
  const std::vector<std::string> names =
      columns.empty() ? numbered_columns(rows.row_size(), prefix) : columns;
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

// Exact where the likelihood lives in [0, 1] and for bytes; for other floats a guess from mean and
// deviation of the columns: data are nearly always in [0, 1], [-1, 1] or [0, 255].
GridOptions picture_range(const ModelData& model) {
  double low = 0, high = 1;
  const Transform& transform = model.transform;
  if (model.composition.likelihood.type == "bernoulli") {
    high = transform.scale_of(0);
  } else if (model.dtype == DType::u8) {
    high = 255;
  } else {
    double lowest = 0, highest = 0;
    for (std::size_t i = 0; i < transform.shift.size(); ++i) {
      lowest = std::min(lowest, transform.shift[i]);
      highest = std::max(highest, transform.shift[i] + transform.scale[i]);
    }
    if (highest > 2) high = 255;
    if (lowest < 0) low = -high;
  }
  return {.low = static_cast<float>(low), .high = static_cast<float>(high)};
}

Tensor as_floats(const Tensor& rows) {
  if (rows.dtype() != DType::u8) return rows.clone();
  Tensor floats(DType::f32, rows.shape());
  std::copy(rows.as<std::uint8_t>().begin(), rows.as<std::uint8_t>().end(),
            floats.as<float>().begin());
  return floats;
}

}  // namespace diabolo::cli
