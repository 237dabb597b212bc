#include <diabolo/base/error.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/csv.h>

#include <cerrno>
#include <iterator>
#include <system_error>

namespace diabolo {
namespace {

constexpr std::size_t kPiece = 1 << 15;  // bytes handed on at once

std::string csv_name(const std::string& name) {
  if (name.find_first_of(",\"\r\n") == std::string::npos) return name;
  std::string result = "\"";
  for (const char c : name) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + '"';
}

template <class T>
void format_rows(const Tensor& rows, std::string text,
                 const std::function<void(std::string_view)>& sink) {
  const auto columns = static_cast<std::size_t>(rows.row_size());
  const std::span<const T> values = rows.as<T>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{}", values[i]);
    const bool row_ends = (i + 1) % columns == 0;
    text += row_ends ? '\n' : ',';
    if (row_ends && text.size() >= kPiece) {
      sink(text);
      text.clear();
    }
  }
  sink(text);
}

}  // namespace

std::vector<std::string> numbered_columns(std::int64_t count, std::string_view prefix) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < count; ++i) names.push_back(fmt::format("{}{}", prefix, i));
  return names;
}

void format_csv(const Tensor& rows, std::span<const std::string> columns,
                const std::function<void(std::string_view)>& sink) {
  check(static_cast<std::int64_t>(columns.size()) == rows.row_size(), ErrorCode::shape, "csv",
        "expected {} column names, got {}", rows.row_size(), columns.size());
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) text += ",";
    text += csv_name(columns[i]);
  }
  text += '\n';
  switch (rows.dtype()) {
    case DType::u8:
      return format_rows<std::uint8_t>(rows, text, sink);
    case DType::i32:
      return format_rows<std::int32_t>(rows, text, sink);
    case DType::u64:
      return format_rows<std::uint64_t>(rows, text, sink);
    case DType::f32:
      return format_rows<float>(rows, text, sink);
    case DType::f64:
      return format_rows<double>(rows, text, sink);
  }
}

void write_csv(const Tensor& rows, std::span<const std::string> columns, std::FILE* stream) {
  const auto require = [](bool done) {
    check(done, ErrorCode::io, "csv", "expected to write the rows, got '{}'; check where they go",
          std::generic_category().message(errno));
  };
  format_csv(rows, columns, [&](std::string_view text) {
    require(std::fwrite(text.data(), 1, text.size(), stream) == text.size());
  });
  require(std::fflush(stream) == 0);
}

void write_csv(const Tensor& rows, std::span<const std::string> columns, const std::string& path) {
  AtomicFile file(path);
  format_csv(rows, columns, [&](std::string_view text) { file.write(text); });
  file.commit();
}

}  // namespace diabolo
