// DuckDB's errors, several lines of advice for writers of SQL, as one line for a user of tables.
#pragma once

#include <diabolo/base/error.h>
#include <diabolo/data/duckdb/source.h>

namespace diabolo::duckdb {

/// Throws what `failure` means for the file of `source`.
[[noreturn]] void refuse_file(const Failure& failure, const TableSource& source);
/// The same for a query on it.
[[noreturn]] void refuse_query(const Failure& failure, const TableSource& source);
/// The same for a file that is written.
[[noreturn]] void refuse_writing(const Failure& failure, const std::string& path);

}  // namespace diabolo::duckdb
