// report.html of a run, for fit and report.
#pragma once

#include <diabolo/cli/input.h>
#include <diabolo/report/report.h>

#include <string>

namespace diabolo::cli {

/// Pictures to show: of those that a model was not trained on, if there are any.
struct Examples {
  std::optional<Dataset> rows;
  std::optional<ReportColumn> labels;  ///< of these
  bool held_out = false;
};
/// `valid`: rows for validation from elsewhere, of which no labels are known, or null; then `share`
/// of `data` was held out, by `seed`. `labels` of `data`, or null.
Examples examples_of(const Dataset& data, const Dataset* valid, double share, std::uint64_t seed,
                     const ReportColumn* labels);

struct ReportRequest {
  const Model* model = nullptr;
  std::string run;                ///< the run's folder, which has metrics.csv; or empty
  std::string data_path;          ///< of which the page shows the name only
  const Dataset* data = nullptr;  ///< as in ReportInput
  const Examples* examples = nullptr;
  const ReportColumn* labels = nullptr;
  std::string machine;  ///< on which it was trained, in words; or empty
  std::int64_t points = 10'000;
  std::uint64_t seed = 0;
  int threads = 0;
};

/// This processor and how many threads (0: as many as there are cores), in words.
std::string machine_in_words(int threads);

/// True if the file is a page with rows.
bool shows_rows(const std::string& page);

/// Makes the page and writes it whole or not at all. Throws as make_report, Error `io`.
void write_report(const ReportRequest& request, const std::string& path);

struct Labels {
  ReportColumn values;
  std::string from;  ///< the column's name, or the file's absolute path
};

/// `--labels`: the name of a column of `data` (also of one that is not modelled), or a file of a
/// value for each row: IDX, .npy, a table of one column. Throws UsageError for what is neither,
/// Error `invalid_argument` for labels of other rows, and as reading does.
Labels read_labels(const std::string& labels, const Input& input, const Dataset& data);

/// The same for labels that a run was begun with: nothing, with a warning, if they are not to be
/// had any more.
std::optional<ReportColumn> try_labels(const std::string& labels, const Input& input,
                                       const Dataset& data);

inline constexpr std::string_view kLabelsHelp =
    "colour the map and sort pictures by a column of DATA, or by a file of a value a row (IDX, "
    ".npy, a table of one column)";

}  // namespace diabolo::cli
