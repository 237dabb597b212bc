// Columns of data as the page shows them: numbers, or levels by their names; of tables and of
// arrays alike.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/data/table.h>
#include <diabolo/report/json.h>

#include <optional>
#include <string>
#include <vector>

namespace diabolo {

struct ReportColumn {
  std::string name;
  ColumnType type = ColumnType::real;
  bool is_ordered = false;               ///< levels are numbers: their order means something
  std::vector<std::string> levels = {};  ///< names; then values are their places
  std::vector<double> values = {};       ///< a number for each row, NaN: missing

  bool has_levels() const { return !levels.empty(); }
  /// A value in words; "" if it is missing.
  std::string text(double value) const;
};

/// The first `most` modelled columns of rows, in the order of the file. Pictures have none.
std::vector<ReportColumn> report_columns(const Dataset& data, std::size_t most);

/// Of all modelled columns those with missing values: the `most` that lack most of them, in the
/// order of the file, and how many there are.
struct ColumnsWithHoles {
  std::vector<ReportColumn> columns;
  std::size_t total = 0;
};
ColumnsWithHoles columns_with_holes(const Dataset& data, std::size_t most);

/// A modelled column by its name, or nothing.
std::optional<ReportColumn> report_column(const Dataset& data, std::string_view name);

/// How many columns the rows have.
std::size_t column_count(const Dataset& data);

/// A column of texts (empty: missing), or of numbers, by which rows are coloured: texts, and few
/// whole numbers, become levels, those of numbers in their order, else the most frequent first;
/// beyond the first `most` they are "others".
ReportColumn labels_of(std::string name, const std::vector<std::string>& texts,
                       std::size_t most = 60);
ReportColumn labels_of(std::string name, std::span<const double> values, std::size_t most = 60);

/// The values at these rows.
ReportColumn select(const ReportColumn& column, std::span<const std::int64_t> rows);

/// {"name", "kind": "levels" or a type, "levels", "values"}
Json packed_column(const ReportColumn& column);

}  // namespace diabolo
