#include <diabolo/base/removed_on_signal.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/csv.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/png.h>
#include <diabolo/data/source.h>
#include <diabolo/data/write.h>
#include <diabolo/data/write_table.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace diabolo {
namespace {

namespace fs = std::filesystem;

enum class Target { npy, csv, png, folder };

std::string ending_of(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

Target target_of(const std::string& path) {
  std::error_code error;
  check(!path.empty(), ErrorCode::invalid_argument, "write",
        "expected a path to write to, got an empty one; give a path");
  if (path.ends_with('/') || fs::is_directory(path, error)) return Target::folder;
  const std::string ending = ending_of(path);
  if (ending == ".npy") return Target::npy;
  if (ending == ".csv") return Target::csv;
  if (ending == ".png") return Target::png;
  check(ending != ".parquet" && ending != ".jsonl", ErrorCode::unsupported, "write",
        "expected a path ending in .npy, .csv, .png or '/', got {}; {} is not supported yet, write "
        ".csv",
        in_quotes(path), ending);
  fail(
      ErrorCode::unsupported, "write",
      "expected a path ending in .npy, .csv, .png, or '/' for a folder of pictures, got {}; choose "
      "one of them",
      in_quotes(path));
}

void write_pictures(const Tensor& rows, const Shape& row_shape, const fs::path& folder,
                    const GridOptions& options, std::vector<fs::path>& written) {
  const std::size_t digits = std::max<std::size_t>(4, fmt::formatted_size("{}", rows.rows() - 1));
  for (std::int64_t i = 0; i < rows.rows(); ++i) {
    const std::vector<std::uint8_t> png = encode_png(picture_of_row(rows, i, row_shape, options));
    const fs::path path = folder / fmt::format("{:0{}}.png", i, digits);
    written.push_back(path);
    AtomicFile file(path.string());
    file.write(png.data(), png.size());
    file.commit(false);
  }
  flush_folder(folder.string());
}

/// A new folder is filled under another name and then renamed, so that it appears whole. An empty
/// one that is there (it may be a mount point) is filled in place, and emptied again on an error.
void write_folder(const Tensor& rows, const Shape& row_shape, const std::string& path,
                  const GridOptions& options) {
  fs::path target = fs::path(path).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  std::error_code error;
  const bool exists = fs::is_directory(target, error);
  check(!exists || fs::is_empty(target, error), ErrorCode::io, "write",
        "expected a new or an empty folder at {}, got one with files in it; choose another or "
        "empty it",
        in_quotes(path));
  fs::path folder = target;
  if (!exists) {
    folder += ".partial";
    fs::create_directory(folder, error);
    check(!error, ErrorCode::io, "write",
          "expected to make the folder {}, got '{}'; check the path", in_quotes(folder.string()),
          error.message());
    check(fs::is_empty(folder, error), ErrorCode::io, "write",
          "expected to make the folder {}, got one with files in it, which a command that was "
          "killed may have left; remove it",
          in_quotes(folder.string()));
  }
  const RemovedOnSignal removed(
      folder.string(), exists ? RemovedOnSignal::What::content : RemovedOnSignal::What::all);
  std::vector<fs::path> written;
  try {
    write_pictures(rows, row_shape, folder, options, written);
    if (!exists) fs::rename(folder, target, error);
    check(!error, ErrorCode::io, "write",
          "expected to make the folder {}, got '{}'; check the path", in_quotes(path),
          error.message());
    if (!exists) flush_name(target.string());
  } catch (...) {
    for (const fs::path& file : written) fs::remove(file, error);
    if (!exists) fs::remove(folder, error);
    throw;
  }
}

Shape with_rows(std::int64_t rows, const Shape& row_shape) {
  std::vector<std::int64_t> dims{rows};
  dims.insert(dims.end(), row_shape.dims().begin(), row_shape.dims().end());
  return Shape(dims);
}

}  // namespace

void check_writable(const std::string& path, const Shape& row_shape) {
  const Target target = target_of(path);
  const bool pictures = target == Target::png || target == Target::folder;
  check(!pictures || is_image_shape(row_shape), ErrorCode::shape, "write",
        "expected rows that are pictures ([H, W], [H, W, 1] or [H, W, 3]) to write {}, got rows of "
        "shape {}; write .npy or .csv",
        in_quotes(path), row_shape);
}

void write(const Tensor& rows, const Shape& row_shape, const std::string& path,
           const WriteOptions& options) {
  check_writable(path, row_shape);
  check(rows.shape().rank() >= 1 && rows.row_size() == row_shape.size(), ErrorCode::shape, "write",
        "expected rows of shape {}, got an array {}", row_shape, rows.shape());
  check(rows.rows() > 0, ErrorCode::shape, "write",
        "expected at least one row for {}, got none; check what was asked for", in_quotes(path));
  switch (target_of(path)) {
    case Target::npy:
      return write_npy(rows, with_rows(rows.rows(), row_shape), path);
    case Target::csv:
      return write_csv(rows,
                       options.columns.empty()
                           ? numbered_columns(rows.row_size(), options.column_prefix)
                           : options.columns,
                       path);
    case Target::png:
      return write_png(grid(rows, row_shape, options.grid), path);
    case Target::folder:
      return write_folder(rows, row_shape, path, options.grid);
  }
}

void write(const Dataset& data, const std::string& path, WriteOptions options) {
  if (data.schema) return write_table(data, path, options.means);
  if (options.columns.empty()) options.columns = data.columns;
  write(data.values, data.row_shape, path, options);
}

}  // namespace diabolo
