// The page report.html: a run at a glance, in one file. Every number in it is that of the verbs:
// metrics.csv, evaluate, score, encode, sample; rows are drawn by the seed, so the same run makes
// the same page.
#pragma once

#include <diabolo/apps/model.h>
#include <diabolo/report/columns.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

struct ReportInput {
  const Model* model = nullptr;
  const Dataset* data = nullptr;      ///< rows to look at, or null: then there are fewer parts
  const Dataset* examples = nullptr;  ///< pictures to reconstruct instead of some of `data`
  bool held_out = false;              ///< `examples` are not among the rows of training
  const ReportColumn* example_labels = nullptr;        ///< of `examples`, or null
  const ReportColumn* labels = nullptr;                ///< a value for each row of `data`, or null
  std::string title;                                   ///< the run's name
  std::string data_name;                               ///< where the rows are, or empty
  std::string machine;                                 ///< in words
  std::string version;                                 ///< of the command
  std::map<std::string, std::string> settings;         ///< in force
  std::map<std::string, std::vector<double>> metrics;  ///< columns of metrics.csv; NaN: empty
  std::string metrics_name = "metrics.csv";            ///< where they are from, in words
  std::vector<std::string> findings;  ///< sentences on what looks wrong and what to try
  std::int64_t points = 10'000;       ///< rows on the map at most
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: the cores of this process
};

/// True if this build has the page.
bool have_page();
/// The page around the numbers, as scripts/get_charts made it. Throws `unsupported` if this build
/// has none.
std::string report_page();
inline constexpr std::string_view kNoPage =
    "reports are off: this build was configured without the page's charts; run "
    "scripts/get_charts and build again";

/// What the page is told, as JSON.
std::string report_data(const ReportInput& input);
/// The whole file. Throws as the Model's members do for rows that it cannot take.
std::string make_report(std::string_view page, const ReportInput& input);

}  // namespace diabolo
