// From data to a model.
#pragma once

#include <diabolo/apps/model.h>
#include <diabolo/train/checkpoint.h>
#include <diabolo/train/options.h>
#include <diabolo/train/trainer.h>

namespace diabolo {

struct FitExtras {
  /// Rows for validation instead of a part of the training rows (FitOptions::valid).
  const Dataset* valid = nullptr;
  TrainerHooks hooks = {};
  Components components = {};
  /// Where the training stands: it goes on from there, if that is anywhere, and leaves there where
  /// it ends (its `model` is taken). Data and options must be those of the checkpoint, but there
  /// may be more epochs.
  Checkpoint* checkpoint = nullptr;
  /// A trained model to begin with, instead of random weights: more data, or fine tuning. Data must
  /// be of its kind, a table read by its schema. Composition and transform are the model's; the
  /// options say how to train, and may say another objective.
  const ModelData* init = nullptr;
};

/// A setting is not the one that a checkpoint was begun with.
class ChangedSetting : public Error {
 public:
  using Error::Error;
};

/// Learns the distribution of the rows of `data` (train/trainer.h). Throws `invalid_argument` for
/// options or data that cannot be, or are not those of the checkpoint (all checked before training;
/// ChangedSetting if it is a setting), `not_finite` for NaN or infinity in the data (named by row
/// and column), or a training that diverged: hooks.on_divergence takes the model it had before
/// that.
Model fit(const Dataset& data, const FitOptions& options = {}, const FitExtras& extras = {});

}  // namespace diabolo
