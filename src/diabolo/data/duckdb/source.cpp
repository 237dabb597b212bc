// Opens a file by what is in it, and sources of typed columns: Parquet, JSON, the result of a
// query.
#include <diabolo/data/duckdb/csv_options.h>
#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/file_head.h>
#include <diabolo/data/duckdb/sql.h>
#include <diabolo/data/source.h>

#include <algorithm>
#include <set>

namespace diabolo::duckdb {
namespace {

/// A column of JSON holds values of several types, or none. It is text if nothing is nested.
bool is_flat_json(const Connection& connection, const std::string& table, const std::string& name) {
  return connection
      .rows(fmt::format("SELECT '' FROM {} WHERE json_type({}) IN ('OBJECT', 'ARRAY') LIMIT 1",
                        table, identifier(name)))
      .empty();
}

/// The names of the columns of a Parquet file as they stand in it: a table that DuckDB makes of it
/// has others where two are the same. Its schema is a tree, of which the columns are the first
/// level.
std::vector<std::string> parquet_names(const Connection& connection, const std::string& path) {
  const auto rows = connection.rows(
      fmt::format("SELECT name, CAST(coalesce(num_children, 0) AS VARCHAR) FROM parquet_schema({})",
                  path_literal(path)));
  std::vector<std::string> names;
  std::size_t inner = 0;  // that are still to come below the last column
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (inner == 0)
      names.push_back(rows[i][0].value_or(""));
    else
      --inner;
    inner += std::stoul(rows[i][1].value_or("0"));
  }
  return names;
}

/// Of the names that DuckDB gives the columns of JSON: throws if one was made up because two differ
/// by case alone ("a", "A_1"), since such a column cannot be read. `objects` is SQL.
void check_json_names(const Connection& connection, const TableSource& source,
                      const std::vector<std::string>& names, const std::string& objects) {
  std::set<std::string> known;
  for (const std::string& name : names) known.insert(lower(name));
  const auto is_suspect = [&](const std::string& name) {
    const std::size_t mark = name.find_last_not_of("0123456789");
    return mark != std::string::npos && mark + 1 < name.size() && name[mark] == '_' &&
           known.contains(lower(name.substr(0, mark)));
  };
  if (std::none_of(names.begin(), names.end(), is_suspect)) return;
  std::set<std::string> keys;
  for (const auto& row :
       connection.rows(fmt::format("SELECT DISTINCT unnest(json_keys(json)) FROM {}", objects)))
    keys.insert(row[0].value_or(""));
  std::vector<std::string> written = names;
  for (std::string& name : written)
    if (is_suspect(name) && !keys.contains(name)) name.resize(name.rfind('_'));
  check_names(written, in_quotes(source.name), ErrorCode::corrupt_file);
}

/// SQL of a file of JSON. Its columns are found once, by all rows: among those after a sample there
/// may be other columns, and fractions would be rounded to the whole numbers of the sample.
std::string read_json(const TableSource& source, const std::string& head,
                      const TableOptions& options) {
  const Connection connection(source.database);
  const std::string compression = compression_of(source.path);
  const std::string file =
      fmt::format("({}, format = '{}', compression = '{}', hive_partitioning = false",
                  path_literal(source.path), is_json_array(head) ? "array" : "newline_delimited",
                  compression == "none" ? "uncompressed" : compression);
  const std::string read = "read_json" + file;
  const std::string sample = CsvOptions(options.csv).text("sample_size");
  const auto described = describe(connection, fmt::format("SELECT * FROM {}, sample_size = {})",
                                                          read, sample.empty() ? "-1" : sample));
  check_json_names(connection, source, names_of(described),
                   fmt::format("read_json_objects{})", file));
  std::string columns;
  for (const auto& [name, sql_type] : described) {
    const bool rounds = !sample.empty() && sample != "-1" && sql_type == "BIGINT";
    const bool as_text = options.query.empty() && options.formats.contains(name);
    columns += fmt::format("{}{}: {}", columns.empty() ? "" : ", ", literal(name),
                           literal(as_text  ? "VARCHAR"
                                   : rounds ? "DOUBLE"
                                            : sql_type));
  }
  return fmt::format("{}, columns = {{{}}})", read, columns);
}

}  // namespace

void open_typed(TableSource& source, const std::string& table, const TableOptions& options) {
  const Connection connection(source.database);
  std::string cells;
  try {
    for (const auto& [name, sql_type] : describe(connection, "SELECT * FROM " + table)) {
      auto type = column_type(sql_type);
      const bool is_json = sql_type == "JSON";
      if (is_json && !is_flat_json(connection, table, name)) type = {};
      const std::size_t place = source.columns.size();
      cells += fmt::format("{}{}{} AS {}", place > 0 ? ", " : "", identifier(name),
                           is_json && type ? " ->> '$'" : "", column(place));
      if (!type) {
        check(!options.types.contains(name), ErrorCode::unsupported, "table",
              "expected columns of numbers, text, dates or times in {}, got {} of type {}; leave "
              "it out, or take it apart with --query",
              in_quotes(source.name), in_quotes(name), in_quotes(sql_type));
        source.columns.push_back(opaque_column(name, sql_type));
        continue;
      }
      const ColumnType wanted = wanted_type(options, name, *type);
      source.columns.push_back(
          make_column(place,
                      {.name = name,
                       .type = wanted,
                       .sql_type = wanted == *type ? sql_type : default_sql_type(wanted)},
                      is_json ? "VARCHAR" : sql_type,
                      known_format(options, name, wanted).value_or(MomentFormat{})));
    }
  } catch (const Failure& failure) {
    refuse_file(failure, source);
  }
  source.from = fmt::format("(SELECT {} FROM {})", cells, table);
  check_types(source, options);
  look_at_sample(connection, source, options);
}

void check_unchanged(const TableSource& source) {
  check(!source.stamp || stamp_of(source.path) == *source.stamp, ErrorCode::io, "table",
        "expected {} to stay as it was while it is read, got a changed file; try again",
        in_quotes(source.name));
}

TableSource open_source(std::shared_ptr<Database> database, const std::string& path,
                        const std::string& name, const TableOptions& options) {
  TableSource source{.database = std::move(database),
                     .path = path,
                     .name = name,
                     .missing = Missing(options.missing),
                     .by_schema = options.types_if_there};
  source.stamp = stamp_of(path);
  check_gzip(path);
  const std::string head = head_of(path);
  check(
      !head.starts_with("PARE"), ErrorCode::unsupported, "table",
      "expected a Parquet file that is not encrypted, got an encrypted one in {}; decrypt it first",
      in_quotes(name));
  const bool is_csv = !is_parquet(head) && !is_json_lines(head) && !is_json_array(head);
  source.format = is_csv             ? TableFormat::csv
                  : is_parquet(head) ? TableFormat::parquet
                                     : TableFormat::jsonl;
  std::string other;
  try {
    if (is_parquet(head)) {
      check_names(parquet_names(Connection(source.database), path), in_quotes(name),
                  ErrorCode::corrupt_file);
      other = fmt::format("read_parquet({}, hive_partitioning = false)", path_literal(path));
    } else if (!is_csv) {
      other = read_json(source, head, options);
    }
    source.database->make_room(
        is_csv ? columns_of(head)
               : describe(Connection(source.database), "SELECT * FROM " + other).size());
    source.database->confine_to(path);
  } catch (const Failure& failure) {
    refuse_file(failure, source);
  }
  // The types that a user wants are those of what he reads: of the query's result, if there is one.
  TableOptions of_file = options;
  if (!options.query.empty()) of_file.types.clear();
  if (is_csv)
    open_csv(source, of_file);
  else
    open_typed(source, other, of_file);
  return options.query.empty() ? std::move(source) : open_query(source, options);
}

}  // namespace diabolo::duckdb
