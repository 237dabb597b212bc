// A training in a file: a model file with all that the training needs to go on (docs/format.md).
#pragma once

#include <diabolo/train/training_state.h>

#include <string>

namespace diabolo {

struct Checkpoint {
  ModelData model;  ///< with the weights of the last step
  TrainingState state;
  bool is_finished = false;  ///< the training is over, and its model was saved
  std::string note = {};     ///< the caller's own
};

/// Written whole or not at all: an older checkpoint stays until the new one is on the disk. `note`,
/// in UTF-8, is kept as it is. Throws `io`.
void write_checkpoint(const std::string& path, const ModelData& model, const TrainingState& state,
                      bool is_finished, const std::string& note = "");

/// Throws `io`, `corrupt_file` for anything that is no whole checkpoint, `unsupported` as
/// read_model.
Checkpoint read_checkpoint(const std::string& path, const Components& components);

}  // namespace diabolo
