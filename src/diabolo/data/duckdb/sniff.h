// What DuckDB's sniffer makes of a text file with delimiters, and whether that can be believed.
#pragma once

#include <diabolo/data/duckdb/csv_options.h>
#include <diabolo/data/duckdb/source.h>

namespace diabolo::duckdb {

struct Sniffed {
  Dialect dialect;
  std::string skip = "0";  ///< lines before the table
  std::vector<std::string> names, types;
  std::string date_format, timestamp_format;  ///< "": ISO
};

/// Sniffs the file of `source`. Throws `corrupt_file` for what is no table: empty or binary, rows
/// of different lengths (of which DuckDB makes one column, or lines to skip), an open quote.
Sniffed sniff(const Connection& connection, TableSource& source, const CsvOptions& options);
/// The types by all rows, for a dialect that is known.
std::vector<std::string> sniff_all_rows(const Connection& connection, const TableSource& source,
                                        CsvOptions options, const Sniffed& sniffed);

/// SQL: the file as `columns` columns c0, c1, ... of text.
std::string read_csv(const TableSource& source, const CsvOptions& options, const Sniffed& sniffed,
                     std::size_t columns, bool header);

}  // namespace diabolo::duckdb
