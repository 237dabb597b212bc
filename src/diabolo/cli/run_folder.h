// The folder of a run. It is made when there is something to put into it, so that what goes wrong
// before the first epoch leaves nothing behind; until the model is saved, an error takes away what
// was made. Only files of a run are ever replaced or removed, and an earlier run's model stays
// until the new one is written.
#pragma once

#include <diabolo/apps/model.h>
#include <diabolo/train/trainer.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace diabolo::cli {

class RunFolder {
 public:
  /// Makes nothing yet. Throws Error `io` if `path` is no folder that may be written to, or has
  /// files and `overwrite` is false.
  RunFolder(std::string path, bool overwrite);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// A line of metrics.csv. Throws Error `io`.
  void append(const EpochReport& report);
  /// model.safetensors, config.toml (its text is `config`) and schema.json. Throws Error `io`.
  void save(const Model& model, const std::string& config);
  /// pictures/samples.png and pictures/reconstructions.png (of up to 32 rows of `examples`).
  void save_pictures(const Model& model, const Dataset& examples, std::uint64_t seed);

  std::string file(const std::string& name) const;

 private:
  void make();
  void remove_files();

  std::string path_;
  std::vector<std::string> made_;  // folders that were not there before, outer ones first
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> metrics_;
  bool is_open_ = false, is_saved_ = false, replaces_model_ = false;
};

}  // namespace diabolo::cli
