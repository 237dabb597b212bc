// report.html of a run, for fit and report.
#pragma once

#include <diabolo/cli/input.h>
#include <diabolo/report/report.h>

#include <string>

namespace diabolo::cli {

struct ReportRequest {
  const Model* model = nullptr;
  std::string run;                ///< the run's folder, which has metrics.csv; or empty
  std::string data_path;          ///< of which the page shows the name only
  const Dataset* data = nullptr;  ///< as in ReportInput
  const Dataset* examples = nullptr;
  bool held_out = false;
  const ReportColumn* example_labels = nullptr;
  const ReportColumn* labels = nullptr;
  std::int64_t points = 10'000;
  std::uint64_t seed = 0;
  int threads = 0;
};

/// Makes the page and writes it whole or not at all. Throws as make_report, Error `io`.
void write_report(const ReportRequest& request, const std::string& path);

/// `--labels`: the name of a column of `data` (also of one that is not modelled), or a file of a
/// value for each row: IDX, .npy, a table of one column. Throws UsageError, and as reading does.
ReportColumn read_labels(const std::string& labels, const Input& input, const Dataset& data);

inline constexpr std::string_view kLabelsHelp =
    "colour the map and sort pictures by a column of DATA, or by a file of a value a row (IDX, "
    ".npy, a table of one column)";

}  // namespace diabolo::cli
