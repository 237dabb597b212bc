// A user's query: one SELECT on the view `data`, in a database that can read nothing but the file
// and write nothing (Database::confine_to). Its result is computed once and kept in a table, which
// spills if it is large: each pass over the rows sees the same ones.
#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/sql.h>
#include <diabolo/data/source.h>
#include <fmt/format.h>

namespace diabolo::duckdb {
namespace {

constexpr const char* kResult = "diabolo_result";

/// `error(...)`, which ends the query, for a cell of text that does not fit its column.
std::string refuse_cell(const SourceColumn& column, const std::string& cell) {
  return fmt::format("error({} || {} || {})",
                     literal(fmt::format("expected {} in column {}, got '", expected_cell(column),
                                         in_quotes(column.field.name))),
                     cell, literal("'"));
}

/// A number of text: a point for its decimal sign, nothing between thousands.
std::string plain_number(const std::string& cell, NumberStyle style) {
  std::string text = cell;
  if (style.thousands != 0)
    text = fmt::format("replace({}, {}, '')", text, literal(std::string(1, style.thousands)));
  return style.decimal == '.' ? text : fmt::format("replace({}, ',', '.')", text);
}

/// SQL of the values of a column, with NULL for what is missing.
std::string value_of(const SourceColumn& column, std::size_t place, const Missing& missing) {
  const std::string raw = duckdb::column(place), cell = fmt::format("trim({})", raw);
  if (column.field.is_opaque) return raw;
  const std::string is_missing = fmt::format("{} = '' OR {} IN ({})", cell, cell, [&] {
    std::string words = list(missing.words());
    return words.substr(1, words.size() - 2);
  }());
  switch (column.form) {
    case Form::text:
      if (column.value != raw) return raw;  // not text there
      return fmt::format("CASE WHEN {} THEN NULL ELSE {} END", is_missing, raw);
    case Form::number_text: {
      const std::string number = plain_number(cell, column.style);
      const std::string value = fmt::format("TRY_CAST({} AS DOUBLE)", number);
      const bool whole = column.field.type == ColumnType::integer;
      return fmt::format(
          "CASE WHEN {0} THEN NULL WHEN {1} IS NULL{2} THEN {3} ELSE CAST({4} AS {5}) END",
          is_missing, value, whole ? fmt::format(" OR {0} != trunc({0})", value) : "",
          refuse_cell(column, cell), number, whole ? "BIGINT" : "DOUBLE");
    }
    case Form::boolean_text:
      return fmt::format(
          "CASE WHEN {0} THEN NULL WHEN lower({1}) IN ('true', 't', 'yes', 'y', '1') THEN true "
          "WHEN lower({1}) IN ('false', 'f', 'no', 'n', '0') THEN false ELSE {2} END",
          is_missing, cell, refuse_cell(column, cell));
    case Form::number:
      if (missing.numbers().empty()) return raw;
      return fmt::format("CASE WHEN {0} IN ({1}) THEN NULL ELSE {0} END", raw,
                         fmt::join(missing.numbers(), ", "));
    default:
      if (column.text.empty()) return raw;
      return fmt::format("CASE WHEN {} THEN NULL WHEN {} IS NULL THEN {} ELSE {} END", is_missing,
                         column.value, refuse_cell(column, cell), column.value);
  }
}

std::string view_of(const TableSource& source) {
  std::string cells;
  for (std::size_t j = 0; j < source.columns.size(); ++j)
    cells +=
        fmt::format("{}{} AS {}", j > 0 ? ", " : "", value_of(source.columns[j], j, source.missing),
                    identifier(source.columns[j].field.name));
  return fmt::format("CREATE VIEW data AS SELECT {} FROM {} AS t", cells, source.from);
}

/// Throws unless `query` is exactly one statement, of type SELECT.
void check_select(const Connection& connection, const TableSource& source,
                  const std::string& query) {
  const Api& duck = api();
  StatementsHandle statements = nullptr;
  PreparedHandle prepared = nullptr;
  const Index count = duck.extract_statements(connection.handle(), query.c_str(), &statements);
  std::string problem;
  if (count == 0) {
    const char* why = duck.extract_statements_error(statements);
    problem = why == nullptr ? "" : why;
  }
  int type = 0;
  if (count == 1) {
    if (duck.prepare_extracted_statement(connection.handle(), statements, 0, &prepared) == kOk)
      type = duck.prepared_statement_type(prepared);
    else
      problem = duck.prepare_error(prepared);
    duck.destroy_prepare(&prepared);
  }
  duck.destroy_extracted(&statements);
  if (!problem.empty()) refuse_query({problem}, source);
  check(count == 1 && type == kSelectStatement, ErrorCode::invalid_argument, "table",
        "expected one SELECT as the query, got {}; a query reads the table `data` and does nothing "
        "else",
        count == 0  ? "nothing"
        : count > 1 ? fmt::format("{} statements", count)
                    : "another statement");
}

}  // namespace

TableSource open_query(const TableSource& source, const TableOptions& options) {
  const Connection connection(source.database);
  try {
    check_names(names_of(source.columns), in_quotes(source.name), ErrorCode::corrupt_file);
    connection.run(view_of(source));
    check_select(connection, source, options.query);
    // As they are asked for: the table that is made has made them different.
    check_names(names_of(describe(connection, options.query)), "the result of the query",
                ErrorCode::invalid_argument);
    connection.run(fmt::format("CREATE TABLE {} AS {}", kResult, options.query));
  } catch (const Failure& failure) {
    refuse_query(failure, source);
  }
  TableSource result{.database = source.database,
                     .path = source.path,
                     .name = source.name + " (the result of the query)",
                     .format = source.format,
                     .missing = source.missing,
                     .by_schema = source.by_schema};
  result.dialect = source.dialect;
  open_typed(result, kResult, options);
  return result;
}

}  // namespace diabolo::duckdb
