#include <diabolo/base/error.h>
#include <diabolo/base/one_line.h>
#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/reading.h>
#include <diabolo/data/source.h>
#include <diabolo/data/table_impl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace diabolo {
namespace {

/// Copies the standard input to a file, which can be read more than once.
void keep_standard_input(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  std::vector<char> room(1 << 16);
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, room.data(), room.size());
    if (n < 0 && errno == EINTR) continue;
    check(n >= 0, ErrorCode::io, "table", "expected to read the standard input, got '{}'; check it",
          std::generic_category().message(errno));
    if (n == 0) break;
    file.write(room.data(), n);
  }
  file.close();
  check(file.good(), ErrorCode::io, "table",
        "expected to keep the standard input in a temporary file, got a full disk; set TMPDIR to a "
        "folder with more room");
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

/// DuckDB takes names in UTF-8 alone: others get a link in its folder.
std::string name_for_duckdb(const std::string& path, const duckdb::PrivateFolder& folder) {
  if (is_utf8(path)) return path;
  const std::string ending = std::filesystem::path(path).extension().string();
  const std::string link = folder.path("input" + (is_utf8(ending) ? ending : ""));
  std::error_code error;
  std::filesystem::create_symlink(std::filesystem::absolute(path), link, error);
  check(!error, ErrorCode::io, "table", "expected to link to {}, got '{}'; rename it",
        in_quotes(path), error.message());
  return link;
}

}  // namespace

TableReader::TableReader(std::string path, const TableOptions& options) {
  const bool is_standard_input = path == "-";
  if (!is_standard_input) open_file(path);  // throws if it cannot be read
  auto database = duckdb::Database::open();
  std::string file, name = path;
  if (is_standard_input) {
    file = database->folder().path("input");
    name = "the standard input";
    keep_standard_input(file);
  } else {
    file = name_for_duckdb(path, database->folder());
  }
  impl_ = std::make_unique<Impl>(
      Impl{std::move(path), duckdb::open_source(std::move(database), file, name, options)});
  for (const auto& column : impl_->source.columns) impl_->fields.push_back(column.field);
}

TableReader::~TableReader() = default;
TableReader::TableReader(TableReader&&) noexcept = default;
TableReader& TableReader::operator=(TableReader&&) noexcept = default;

const std::string& TableReader::path() const { return impl_->path; }
TableFormat TableReader::format() const { return impl_->source.format; }
const std::vector<Field>& TableReader::fields() const { return impl_->fields; }

bool TableReader::next(TableChunk& chunk) {
  if (!impl_->reading) impl_->reading = std::make_unique<duckdb::Reading>(impl_->source);
  return impl_->reading->next(chunk);
}

void TableReader::rewind() { impl_->reading.reset(); }

}  // namespace diabolo
