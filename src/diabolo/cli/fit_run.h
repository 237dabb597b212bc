// A fit from its request to a run folder: it begins, or goes on from the folder's checkpoint.
#pragma once

#include <diabolo/cli/fit_options.h>
#include <diabolo/cli/make_report.h>
#include <diabolo/cli/progress.h>
#include <diabolo/cli/resume.h>
#include <diabolo/cli/run_folder.h>
#include <diabolo/cli/stop_signals.h>

#include <chrono>
#include <optional>
#include <string>

namespace diabolo::cli {

class FitRun {
 public:
  /// All references must outlive it. Throws as RunFolder and read_checkpoint.
  FitRun(const Options& options, FitRequest& request, const Components& components);
  /// The exit code. Throws UsageError, Error.
  int go();

 private:
  using Clock = std::chrono::steady_clock;

  bool is_done() const;
  void read();
  void take_labels();
  TrainerHooks hooks();
  Model train();
  void keep(const ModelData& model, const TrainingState& state, bool is_finished);
  void look_at(const Model& model);
  int end(const ModelData& model, int signal);

  const Options& options_;
  FitRequest& request_;
  const Components& components_;
  RunFolder folder_;
  Checkpoint checkpoint_;
  BegunWith begun_;
  bool goes_on_ = false, was_finished_ = false;
  bool asks_for_labels_ = false;  // now, not only when the run began
  std::optional<Model> loaded_;
  const ModelData* init_ = nullptr;  // a model to begin with
  Dataset data_;
  std::optional<Dataset> valid_;
  std::optional<ReportColumn> labels_;
  std::optional<StopSignals> signals_;
  Progress progress_;
  std::string profile_, advice_;
  std::string changed_;  // how the rows are read otherwise than as the run began
  std::string page_;     // the report of the model, once it is there
  Clock::time_point kept_ = Clock::now();
};

}  // namespace diabolo::cli
