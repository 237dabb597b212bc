// Rows as CSV: a line of names, then a line per row; numbers in the fewest digits that read back
// as the same number. (CSV is read by the tables' part; here it is only written.)
#pragma once

#include <diabolo/tensor/tensor.h>

#include <cstdio>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

/// `prefix` followed by 0, 1, ..., count - 1: "z0", "z1".
std::vector<std::string> numbered_columns(std::int64_t count, std::string_view prefix = "c");

/// Hands the CSV text of `rows` [N, D] (any type) to `sink`, piece by piece. `columns`: D names,
/// quoted where CSV needs it. Throws `shape` for another number of names.
void format_csv(const Tensor& rows, std::span<const std::string> columns,
                const std::function<void(std::string_view)>& sink);

/// Writes CSV to an open stream (stdout) and flushes it. Throws `io`.
void write_csv(const Tensor& rows, std::span<const std::string> columns, std::FILE* stream);

/// Writes a CSV file; it appears whole or not at all. Throws `io`.
void write_csv(const Tensor& rows, std::span<const std::string> columns, const std::string& path);

}  // namespace diabolo
