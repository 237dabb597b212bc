// --keep: columns of the input beside the results.
#pragma once

#include <diabolo/cli/output.h>

namespace diabolo::cli {

class Keep {
 public:
  /// Adds --keep.
  void add_to(Options& options);
  bool any() const { return !names_.empty(); }
  /// Throws UsageError if columns are to be kept in an array.
  void check_usage(const Output& output) const;
  /// The columns of `input` that were asked for. Throws UsageError for one that is not there, or if
  /// the input is no table.
  std::vector<ResultColumn> columns(const TableReader* input) const;

 private:
  std::vector<std::string> names_;  // "all": all of them
};

}  // namespace diabolo::cli
