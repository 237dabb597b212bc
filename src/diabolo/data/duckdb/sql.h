// Pieces of SQL: whatever comes from a user or a file goes into it through these.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace diabolo::duckdb {

/// 'text', its quotes doubled.
std::string literal(std::string_view text);
/// "name", its quotes doubled.
std::string identifier(std::string_view name);
/// ['a', 'b']
std::string list(std::span<const std::string> texts);
/// The path of one file as a literal: absolute, so that it is never taken for an address, and with
/// what DuckDB would take for a pattern escaped.
std::string path_literal(const std::string& path);

/// In lower case: names that are the same so are one to SQL.
std::string lower(std::string text);
/// Our own name of the column at a place: c0, c1, ... What a file calls it may be anything.
std::string column(std::size_t place);

}  // namespace diabolo::duckdb
