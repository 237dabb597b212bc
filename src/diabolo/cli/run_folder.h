// The folder of a run. Its first file is a checkpoint of the untrained model: what goes wrong
// before leaves nothing behind, and an earlier run as it was; from then on everything stays. At no
// moment is there neither a checkpoint nor a model. Only files of a run are ever replaced or
// removed.
#pragma once

#include <diabolo/apps/model.h>
#include <diabolo/cli/folder_lock.h>
#include <diabolo/report/columns.h>
#include <diabolo/train/checkpoint.h>
#include <diabolo/train/trainer.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace diabolo::cli {

/// What may be in a folder for a run: nothing, an earlier run that is to go, or one to go on with.
enum class RunUse { fresh, overwrite, resume };

class RunFolder {
 public:
  /// Locks the folder, which is made if it is not there. Throws Error `io` if `path` is no folder
  /// and none can be made, is in use, or has files that `use` does not allow.
  RunFolder(const std::string& path, RunUse use);
  /// Throws Error `io` if the folder may not be written to.
  void expect_to_write() const;

  /// The training to go on with, if there is one. Throws as read_checkpoint.
  std::optional<Checkpoint> read_checkpoint(const Components& components) const;
  /// The files of a finished run are all there, and tell of this training.
  bool is_whole(const Checkpoint& finished, const Components& components) const;
  /// Lines of metrics.csv that are there already.
  void go_on_after(const Checkpoint& checkpoint);

  /// The first time: the folder becomes that of this training, and has a config.toml. True then.
  /// Throws Error `io`.
  bool keep(const ModelData& model, const TrainingState& state, bool is_finished,
            const std::string& note, const std::string& config);
  /// A line of metrics.csv. Throws Error `io`.
  void append(const EpochReport& report);
  /// model.safetensors and schema.json. Throws Error `io`.
  void save(const Model& model);
  /// What is in pictures/ (report/pictures.h), made of `examples`, whose labels may be null.
  void save_pictures(const Model& model, const Dataset& examples, const ReportColumn* labels,
                     std::uint64_t seed);

  std::string file(const std::string& name) const;
  /// True if `path` is one of the files that a run may hold.
  bool holds(const std::string& path) const;

 private:
  void check_content(RunUse use) const;
  void expect_to_write(const std::string& folder) const;
  /// A link to another place is not the run's.
  bool has_linked_pictures() const;
  void open_metrics();

  std::string path_;
  std::optional<FolderLock> lock_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> metrics_;
  std::string lines_;  // of metrics.csv, to begin with
  bool is_begun_ = false;
};

}  // namespace diabolo::cli
