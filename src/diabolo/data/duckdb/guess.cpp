// A look at the first rows: columns of text that are numbers after all, how booleans and times are
// written, and that there are rows.
#include <diabolo/base/log.h>
#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/source.h>

#include <cmath>

namespace diabolo::duckdb {
namespace {

/// What the cells of a column have in common so far.
struct Look {
  bool any = false, point = true, comma = true, whole = true;
  std::int64_t points = 0, commas = 0;  // cells that are numbers by one of them alone
  std::string first;                    // cell that is not missing

  void at(std::string_view cell) {
    if (!any) first = std::string(cell);
    any = true;
    const bool by_point = looks_like_number(cell, {});
    const bool by_comma = looks_like_number(cell, {.decimal = ','});
    points += by_point && !by_comma;
    commas += by_comma && !by_point;
    point = point && by_point;
    comma = comma && by_comma;
    double x = 0;
    whole = whole &&
            (point ? parse_number(cell, {}, x) : parse_number(cell, {.decimal = ','}, x)) &&
            x == std::floor(x);
  }
};

/// The strftime format of an ISO-like date or time that is not quite ISO's; "" if it is.
std::string format_like(ColumnType type, std::string_view cell) {
  std::string format;
  if (type != ColumnType::time) {
    const std::size_t mark = cell.find_first_not_of("0123456789");
    if (mark == std::string_view::npos || (cell[mark] != '-' && cell[mark] != '/')) return "";
    format = cell[mark] == '-' ? "%Y-%m-%d" : "%Y/%m/%d";
    if (type == ColumnType::date) return cell[mark] == '-' ? "" : format;
    const std::size_t gap = cell.find_first_of(" T");
    if (gap == std::string_view::npos) return format;
    format += cell[gap];
    cell.remove_prefix(gap + 1);
  }
  const std::string_view clock = cell.substr(0, cell.find_first_not_of("0123456789:."));
  const std::string_view zone = cell.substr(clock.size());
  const bool has_seconds = clock.find(':') != clock.rfind(':');
  format += has_seconds ? "%H:%M:%S" : "%H:%M";
  if (const std::size_t dot = clock.find('.'); dot != std::string_view::npos)
    format += clock.size() - dot == 4 ? ".%g" : ".%f";
  if (zone == "Z") format += 'Z';
  return format == "%Y-%m-%d %H:%M:%S" || format == "%H:%M:%S" ? "" : format;
}

bool begins_with_year(std::string_view cell) {
  return cell.find_first_not_of("0123456789") == 4 && (cell[4] == '-' || cell[4] == '/');
}

void settle(SourceColumn& column, const Look& look, bool commas) {
  Field& field = column.field;
  column.is_empty = !look.any;
  if (!look.any) return;
  const bool comma = commas && look.comma && !look.point;
  if (column.form == Form::text && (look.point || comma)) {
    column.form = Form::number_text;
    column.style.decimal = comma ? ',' : '.';
    field.type = look.whole ? ColumnType::integer : ColumnType::real;
    field.sql_type = default_sql_type(field.type);
  } else if (column.form == Form::number_text) {  // asked for, whatever some of its cells are
    if (commas && look.commas > look.points) column.style.decimal = ',';
  } else if (column.form == Form::boolean_text) {
    field.format = boolean_words(look.first);
  } else if (!column.text.empty() &&
             (field.format.empty() || (column.takes_iso && begins_with_year(look.first)))) {
    field.format = format_like(field.type, look.first);
  }
}

}  // namespace

std::int64_t look_at_sample(const Connection& connection, TableSource& source,
                            const TableOptions& options) {
  std::string cells;
  std::vector<std::size_t> places;
  for (std::size_t j = 0; j < source.columns.size(); ++j) {
    const SourceColumn& column = source.columns[j];
    const bool forced = options.types.contains(column.field.name);
    const bool guess = source.is_text || column.field.sql_type == "JSON";
    if (guess && ((column.form == Form::text && !forced) ||
                  (column.form == Form::number_text && forced && source.is_text) ||
                  column.form == Form::boolean_text || !column.text.empty()))
      places.push_back(j);
  }
  for (const std::size_t j : places)
    cells +=
        ", " + (source.columns[j].text.empty() ? source.columns[j].value : source.columns[j].text);
  std::vector<Look> looks(places.size());
  std::int64_t rows = 0;
  try {
    Stream stream(connection, fmt::format("SELECT '' AS first{} FROM {} AS t LIMIT {}", cells,
                                          source.from, kSampleRows));
    while (const Chunk chunk = stream.next()) {
      rows += static_cast<std::int64_t>(chunk.rows());
      for (std::size_t k = 0; k < places.size(); ++k) {
        const auto* values = chunk.values<StringCell>(k + 1);
        const auto* validity = chunk.validity(k + 1);
        for (std::size_t i = 0; i < chunk.rows(); ++i) {
          if (!is_valid(validity, i)) continue;
          const std::string_view cell = trim(text_of(values[i]));
          if (!source.missing.is_word(cell)) looks[k].at(cell);
        }
      }
    }
  } catch (const Failure& failure) {
    refuse_file(failure, source);
  }
  check(rows > 0, ErrorCode::corrupt_file, "table",
        "expected at least one row in {}, got {}; check how it was made", in_quotes(source.name),
        source.is_text && source.dialect.header ? "only a line of column names" : "none");
  const bool commas = source.is_text && source.dialect.delimiter != "," &&
                      !options.csv.contains("decimal_separator");
  for (std::size_t k = 0; k < places.size(); ++k) {
    SourceColumn& column = source.columns[places[k]];
    settle(column, looks[k], commas);
    if (column.style.decimal == ',' && source.dialect.decimal != ',' && commas) {
      source.dialect.decimal = ',';
      log(LogLevel::info, fmt::format("{} has decimal commas (--csv decimal_separator=. if not)",
                                      in_quotes(source.name)));
    }
  }
  return rows;
}

}  // namespace diabolo::duckdb
