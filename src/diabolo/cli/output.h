// Where rows go: a file or folder by its ending, or stdout as CSV or .npy.
#pragma once

#include <diabolo/cli/options.h>
#include <diabolo/data/dataset.h>
#include <diabolo/data/grid.h>
#include <diabolo/data/table.h>
#include <diabolo/models/model_data.h>
#include <diabolo/report/picture_range.h>

#include <memory>

namespace diabolo::cli {

/// A column of results: new cells, or (`from` >= 0) a column of the input, of which cells that are
/// given are replaced.
struct ResultColumn {
  Field field;
  ColumnValues cells = {};
  int from = -1;
  std::shared_ptr<const std::vector<std::string>> texts = {};  ///< what text cells point into
};

ResultColumn whole_numbers(std::string name, std::vector<double> values);
ResultColumn real_numbers(std::string name, std::vector<double> values);
ResultColumn words(std::string name, std::vector<std::string> values);

/// Columns of an array.
std::vector<ResultColumn> number_columns(const Tensor& rows, const std::vector<std::string>& names);

class Output {
 public:
  /// Adds -o and --format.
  void add_to(Options& options, const std::string& endings);
  /// Before anything is read. Throws UsageError for an ending that cannot be, for rows on stdout
  /// together with --json; Error `io` if the folder of the file is not there.
  void check_usage(const Common& common) const;
  /// Before the work is done. Throws Error `shape` if rows of this shape cannot go there.
  void check_rows(const Shape& row_shape) const;
  /// Columns of `rows` rows, as a table: .csv, .tsv, .parquet, .jsonl; if all are numbers also
  /// .npy.
  void write(const std::vector<ResultColumn>& columns, std::int64_t rows, const TableReader* input,
             const Common& common) const;
  /// The same to another file than -o says.
  void write(const std::string& path, const std::vector<ResultColumn>& columns, std::int64_t rows,
             const TableReader* input) const;
  const std::string& path() const { return path_; }
  /// True if an array is written, which can hold numbers only.
  bool is_npy() const { return path_.empty() ? format_ == "npy" : path_.ends_with(".npy"); }
  /// The rows, each of `row_shape`; CSV columns are `columns`, or `prefix` and a number. Says what
  /// was written: a line, or the JSON object.
  void write(const Tensor& rows, const Shape& row_shape, const std::vector<std::string>& columns,
             const std::string& prefix, const GridOptions& grid, const Common& common) const;

 private:
  std::string path_;
  std::string format_;
};

}  // namespace diabolo::cli
