// Where rows of text go when a table is written: a CSV file as it comes, a typed file through
// DuckDB.
#pragma once

#include <diabolo/data/duckdb/source.h>

#include <span>

namespace diabolo::duckdb {

/// A cell of text; data() == nullptr: missing.
using Row = std::span<const std::string_view>;

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(Row row) = 0;
  /// Puts the file in its place. Throws `io`.
  virtual void commit() = 0;
};

/// CSV. `path` empty: stdout, where rows appear as they come.
std::unique_ptr<Sink> csv_sink(const std::string& path, const Dialect& dialect,
                               const std::vector<std::string>& names);
/// Parquet or JSON lines: of cells that DuckDB casts to the fields' types.
std::unique_ptr<Sink> typed_sink(const std::string& path, TableFormat format,
                                 const std::vector<Field>& fields);

}  // namespace diabolo::duckdb
