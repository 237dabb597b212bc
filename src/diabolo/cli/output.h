// Where rows go: a file or folder by its ending, or stdout as CSV or .npy.
#pragma once

#include <diabolo/cli/options.h>
#include <diabolo/data/dataset.h>
#include <diabolo/data/grid.h>
#include <diabolo/models/model_data.h>

namespace diabolo::cli {

class Output {
 public:
  /// Adds -o and --format.
  void add_to(Options& options, const std::string& endings);
  /// Before anything is read. Throws UsageError for an ending that cannot be, for rows on stdout
  /// together with --json; Error `io` if the folder of the file is not there.
  void check_usage(const Common& common) const;
  /// Before the work is done. Throws Error `shape` if rows of this shape cannot go there.
  void check_rows(const Shape& row_shape) const;
  /// The rows, each of `row_shape`; CSV columns are `columns`, or `prefix` and a number. Says what
  /// was written: a line, or the JSON object.
  void write(const Tensor& rows, const Shape& row_shape, const std::vector<std::string>& columns,
             const std::string& prefix, const GridOptions& grid, const Common& common) const;

 private:
  std::string path_;
  std::string format_;
};

/// Options that show this model's data in its own range: what is black, what is white.
GridOptions picture_range(const ModelData& model);
/// The rows as floats, so that they are drawn in that range whatever their type.
Tensor as_floats(const Tensor& rows);

}  // namespace diabolo::cli
