#include <diabolo/base/log.h>
#include <diabolo/data/gzip.h>
#include <diabolo/data/idx.h>
#include <diabolo/data/image.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/npz.h>
#include <diabolo/data/read.h>
#include <diabolo/data/read_table.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <new>

namespace diabolo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeadBytes = 512;

using Head = std::span<const std::uint8_t>;

bool begins_with(Head head, std::string_view magic) {
  return std::string_view(reinterpret_cast<const char*>(head.data()), head.size())
      .starts_with(magic);
}

/// A file is named as it is, or as "archive:key".
struct Place {
  std::string path;
  std::string key;
};

Place locate(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error)) return {path, ""};
  for (std::size_t colon = path.rfind(':'); colon != std::string::npos && colon > 0;
       colon = path.rfind(':', colon - 1))
    if (fs::is_regular_file(path.substr(0, colon), error))
      return {path.substr(0, colon), path.substr(colon + 1)};
  return {path, ""};
}

[[noreturn]] void refuse_content(const std::string& path, Head head) {
  const std::string file = in_quotes(path);
  check(!head.empty(), ErrorCode::corrupt_file, "read",
        "expected an array or pictures in {}, got an empty file; check how it was made", file);
  const std::string_view what = begins_with(head, "\x89HDF") ? "an HDF5 file"
                                : head[0] == 0x80            ? "a pickle, which is never loaded"
                                                             : "unknown content";
  fail(ErrorCode::unsupported, "read",
       "expected an array or pictures (.npy, .npz, IDX, PNG, JPEG, or a folder of pictures), got "
       "{} in {}; save the rows as .npy",
       what, file);
}

Tensor read_table_array(const std::string& path, const TableOptions& options);

Tensor read_file_array(const Place& place, const ReadOptions& options) {
  const std::string& path = place.path;
  std::vector<std::uint8_t> head = read_head(*open_file(path), kHeadBytes);
  if (begins_with(head, "PK\x03\x04") || begins_with(head, "PK\x05\x06"))
    return read_npz(path, place.key);
  check(place.key.empty(), ErrorCode::invalid_argument, "read",
        "expected an .npz archive before ':' in {}, got another file; leave out {}",
        in_quotes(path + ":" + place.key), in_quotes(":" + place.key));
  if (is_picture(head)) return read_image(path);
  const bool is_gzip = begins_with(head, "\x1f\x8b");
  if (is_gzip) head = read_head(*open_gzip(path), kHeadBytes);
  const auto source = is_gzip ? open_gzip(path) : open_file(path);
  if (is_npy(head)) return read_npy(*source);
  if (is_idx(head)) return read_idx(*source);
  if (is_table(path)) return read_table_array(path, options.table);
  refuse_content(path, head);
}

/// A table of numbers as f32 [rows, columns]; missing ones are NaN.
Tensor read_table_array(const std::string& path, const TableOptions& options) {
  TableReader reader(path, options);
  for (const Field& field : reader.fields())
    check(field.type == ColumnType::real || field.type == ColumnType::integer,
          ErrorCode::unsupported, "read", "expected columns of numbers in {}, got {} in column {}",
          in_quotes(path), name(field.type), in_quotes(field.name));
  std::vector<float> numbers;
  TableChunk chunk;
  while (reader.next(chunk))
    for (std::size_t row = 0; row < static_cast<std::size_t>(chunk.rows); ++row)
      for (const ColumnValues& column : chunk.columns)
        numbers.push_back(static_cast<float>(column.numbers[row]));
  const std::int64_t width = std::ssize(reader.fields());
  Tensor array(DType::f32, {std::ssize(numbers) / width, width});
  std::copy(numbers.begin(), numbers.end(), array.as<float>().begin());
  return array;
}

}  // namespace

Tensor read_array(const std::string& path, const ReadOptions& options) {
  check(!path.empty(), ErrorCode::invalid_argument, "read",
        "expected the path of a file or folder, got an empty one; give a path");
  try {
    const Place place = locate(path);
    std::error_code error;
    Tensor array = fs::is_directory(place.path, error) ? read_image_folder(place.path)
                                                       : read_file_array(place, options);
    if (!options.allow_not_finite) check_finite(array, path);
    return array;
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::out_of_memory, "read", "expected memory for {}, got none; use fewer rows",
         in_quotes(path));
  }
}

Dataset read(const std::string& path, const ReadOptions& options) {
  if (!path.empty() && (!options.table.query.empty() || is_table(path))) {
    TableOptions how = options.table;
    if (!options.schema) {
      SchemaRequest request = options.columns;
      prepare(how, request);
      TableReader reader(path, how);
      return read_table(reader, request);
    }
    prepare(how, *options.schema);
    TableReader reader(path, how);
    CellNotes notes;
    Dataset data = read_table(reader, options.schema, options.allow_absent, &notes);
    for (const std::string& warning : warnings(notes)) log(LogLevel::warning, warning);
    return data;
  }
  check(!options.schema, ErrorCode::invalid_argument, "read",
        "expected a table for a model of a table, got an array in {}; give a table",
        in_quotes(path));
  return Dataset::from(read_array(path, options), path);
}

}  // namespace diabolo
