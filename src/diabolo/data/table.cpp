// What is a table, and how its parts are called.
#include <diabolo/data/duckdb/file_head.h>
#include <diabolo/data/source.h>
#include <diabolo/data/table.h>

#include <cctype>
#include <filesystem>

namespace diabolo {

namespace fs = std::filesystem;

std::string_view name(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return "boolean";
    case ColumnType::integer:
      return "integer";
    case ColumnType::real:
      return "real";
    case ColumnType::text:
      return "text";
    case ColumnType::date:
      return "date";
    case ColumnType::time:
      return "time";
    case ColumnType::timestamp:
      return "timestamp";
  }
  return "?";
}

bool table_format(std::string_view path, TableFormat& format) {
  std::string ending = fs::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (ending == ".csv")
    format = TableFormat::csv;
  else if (ending == ".tsv")
    format = TableFormat::tsv;
  else if (ending == ".parquet")
    format = TableFormat::parquet;
  else if (ending == ".jsonl")
    format = TableFormat::jsonl;
  else
    return false;
  return true;
}

bool is_table(const std::string& path) {
  if (path == "-") return true;
  std::error_code error;
  TableFormat format{};
  if (!fs::exists(path, error)) return table_format(path, format);
  if (!fs::is_regular_file(path, error)) return false;
  const std::string head = duckdb::head_of(path);
  if (head.empty()) return table_format(path, format);
  return duckdb::is_parquet(head) || duckdb::is_text(head);
}

}  // namespace diabolo
