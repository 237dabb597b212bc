// Which SQL reads a column as which type.
#include <diabolo/base/error.h>
#include <diabolo/base/nearest.h>
#include <diabolo/data/duckdb/source.h>
#include <diabolo/data/duckdb/sql.h>
#include <diabolo/data/source.h>

#include <algorithm>
#include <map>

namespace diabolo::duckdb {
namespace {

constexpr std::string_view kIntegers[] = {"TINYINT", "SMALLINT", "INTEGER",   "BIGINT",
                                          "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
                                          "UBIGINT", "UHUGEINT"};

std::string_view sql_name(ColumnType type) {
  switch (type) {
    case ColumnType::date:
      return "DATE";
    case ColumnType::time:
      return "TIME";
    default:
      return "TIMESTAMP";
  }
}

bool is_moment(ColumnType type) {
  return type == ColumnType::date || type == ColumnType::time || type == ColumnType::timestamp;
}

Form form_of(ColumnType type) {
  switch (type) {
    case ColumnType::date:
      return Form::date;
    case ColumnType::time:
      return Form::time;
    default:
      return Form::timestamp;
  }
}

/// SQL of the date or timestamp in a trimmed cell, by its format or ISO's. Years have four digits,
/// or 05/06/20 would be a day of the year 5.
std::string known_moment(SourceColumn& column, const std::string& cell, const std::string& format) {
  const std::string_view type = sql_name(column.field.type);
  const std::string iso = fmt::format(
      "CASE WHEN regexp_matches({0}, '^[0-9]{{4}}[-/]') THEN TRY_CAST({0} AS {1}) END", cell, type);
  column.takes_iso = duckdb::takes_iso(format);
  column.expected = fmt::format("{} as {}", expected_cell(column.field.type),
                                format.empty() ? "2020-12-31" : format);
  if (format.empty()) return iso;
  if (column.takes_iso && !format.starts_with("%Y")) column.expected += " or 2020-12-31";
  const std::string own = fmt::format("CASE WHEN {} THEN CAST(try_strptime({}, {}) AS {}) END",
                                      format.find("%Y") == std::string::npos
                                          ? "true"
                                          : fmt::format("regexp_matches({}, '[0-9]{{4}}')", cell),
                                      cell, literal(format), type);
  return column.takes_iso ? fmt::format("coalesce({}, {})", own, iso) : own;
}

/// A date or time: of a text that is one, or of another date or time.
void read_moment(SourceColumn& column, const std::string& cell, ColumnType from,
                 const MomentFormat& format) {
  column.form = form_of(column.field.type);
  const std::string_view type = sql_name(column.field.type);
  if (from != ColumnType::text) {
    column.value = fmt::format("CAST({} AS {})", cell, type);
    return;
  }
  column.text = cell;
  column.field.format = format.text;
  const std::string trimmed = fmt::format("trim({})", cell);
  if (format.is_known)
    column.value = known_moment(column, trimmed, format.text);
  else if (format.text.empty())
    column.value = fmt::format("TRY_CAST({} AS {})", trimmed, type);
  else
    column.value =
        fmt::format("CAST(try_strptime({}, {}) AS {})", trimmed, literal(format.text), type);
}

}  // namespace

std::optional<ColumnType> column_type(std::string_view sql_type) {
  const auto begins = [&](std::string_view text) { return sql_type.starts_with(text); };
  if (std::find(std::begin(kIntegers), std::end(kIntegers), sql_type) != std::end(kIntegers))
    return ColumnType::integer;
  if (sql_type == "DOUBLE" || sql_type == "FLOAT") return ColumnType::real;
  if (begins("DECIMAL(")) return sql_type.ends_with(",0)") ? ColumnType::integer : ColumnType::real;
  if (sql_type.ends_with("]")) return {};  // of lists, whatever they hold
  if (sql_type == "BOOLEAN") return ColumnType::boolean;
  if (sql_type == "VARCHAR" || sql_type == "UUID" || sql_type == "JSON" || begins("ENUM("))
    return ColumnType::text;
  if (sql_type == "DATE") return ColumnType::date;
  if (sql_type == "TIME" || sql_type == "TIME_NS" || sql_type == "TIME WITH TIME ZONE")
    return ColumnType::time;
  if (begins("TIMESTAMP")) return ColumnType::timestamp;
  if (sql_type == "\"NULL\"" || sql_type == "NULL") return ColumnType::text;  // nothing in it
  return {};
}

bool is_nested(std::string_view sql_type) {
  return sql_type.ends_with("]") || sql_type.starts_with("STRUCT(") ||
         sql_type.starts_with("MAP(") || sql_type.starts_with("UNION(") || sql_type == "JSON";
}

SourceColumn opaque_column(std::string name, std::string sql_type) {
  return {.field = {.name = std::move(name),
                    .type = ColumnType::text,
                    .sql_type = std::move(sql_type),
                    .is_opaque = true},
          .value = "CAST(NULL AS VARCHAR)"};
}

std::string default_sql_type(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return "BOOLEAN";
    case ColumnType::integer:
      return "BIGINT";
    case ColumnType::real:
      return "DOUBLE";
    case ColumnType::text:
      return "VARCHAR";
    default:
      return std::string(sql_name(type));
  }
}

SourceColumn make_column(std::size_t place, Field field, std::string_view sql_type,
                         const MomentFormat& format) {
  const std::string cell = column(place);
  const ColumnType from = *column_type(sql_type), to = field.type;
  SourceColumn made{.field = std::move(field), .value = cell};
  const bool is_number = from == ColumnType::integer || from == ColumnType::real;
  const bool wants_number = to == ColumnType::integer || to == ColumnType::real;
  if (to == ColumnType::text) {
    if (sql_type != "VARCHAR") made.value = fmt::format("CAST({} AS VARCHAR)", cell);
  } else if (from == ColumnType::text && !is_moment(to)) {
    made.form = wants_number ? Form::number_text : Form::boolean_text;
    if (sql_type != "VARCHAR") made.value = fmt::format("CAST({} AS VARCHAR)", cell);
  } else if (to == ColumnType::boolean && from == ColumnType::boolean) {
    made.form = Form::boolean;
  } else if (!is_moment(to) && (is_number || from == ColumnType::boolean)) {
    made.form = Form::number;
    made.value = fmt::format("CAST({} AS DOUBLE)", cell);
  } else {
    const bool possible = is_moment(to) && (from == to || from == ColumnType::text ||
                                            (from == ColumnType::timestamp));
    check(
        possible || (from == ColumnType::date && to == ColumnType::timestamp),
        ErrorCode::invalid_argument, "table",
        "expected a column that can be read as {}, got {}, which is of type {}; leave its type as "
        "it is",
        name(to), in_quotes(made.field.name), name(from));
    read_moment(made, cell, from, format);
  }
  return made;
}

std::optional<MomentFormat> known_format(const TableOptions& options, const std::string& name,
                                         ColumnType type) {
  const auto known = options.formats.find(name);
  if (known == options.formats.end()) return {};
  const auto said = options.csv.find(type == ColumnType::date ? "dateformat" : "timestampformat");
  return MomentFormat{said == options.csv.end() ? known->second : said->second, true};
}

std::string expected_cell(const SourceColumn& column) {
  return column.expected.empty() ? std::string(expected_cell(column.field.type)) : column.expected;
}

ColumnType wanted_type(const TableOptions& options, const std::string& name, ColumnType type) {
  const auto found = options.types.find(name);
  return found == options.types.end() ? type : found->second;
}

void check_names(const std::vector<std::string>& names, const std::string& where, ErrorCode code) {
  std::map<std::string, std::size_t> places;
  for (std::size_t j = 0; j < names.size(); ++j) {
    const auto [found, is_new] = places.try_emplace(lower(names[j]), j);
    check(is_new, code, "table",
          "expected columns of different names (whatever their case) in {}, got {} and {} in "
          "columns {} and {} (counted from 0); rename one",
          where, in_quotes(names[found->second]), in_quotes(names[j]), found->second, j);
  }
}

std::vector<std::string> names_of(const std::vector<SourceColumn>& columns) {
  std::vector<std::string> names;
  for (const SourceColumn& column : columns) names.push_back(column.field.name);
  return names;
}

std::vector<std::string> names_of(const std::vector<Described>& columns) {
  std::vector<std::string> names;
  for (const Described& column : columns) names.push_back(column.name);
  return names;
}

std::vector<Described> describe(const Connection& connection, const std::string& select) {
  std::vector<Described> columns;
  for (const auto& row : connection.rows("DESCRIBE " + select))
    columns.push_back({row[0].value_or(""), row[1].value_or("")});
  return columns;
}

void check_types(const TableSource& source, const TableOptions& options) {
  if (options.types_if_there) return;
  const std::vector<std::string> names = names_of(source.columns);
  for (const auto& [column, type] : options.types)
    check(std::find(names.begin(), names.end(), column) != names.end(), ErrorCode::invalid_argument,
          "table", "expected a column of {} to read as {}, got {}{}", source.name, name(type),
          in_quotes(column), suggestion(column, names));
}

}  // namespace diabolo::duckdb
