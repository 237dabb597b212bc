// From data to a model.
#pragma once

#include <diabolo/apps/model.h>
#include <diabolo/train/options.h>
#include <diabolo/train/trainer.h>

namespace diabolo {

struct FitExtras {
  /// Rows for validation instead of a part of the training rows (FitOptions::valid).
  const Dataset* valid = nullptr;
  TrainerHooks hooks = {};
  Components components = {};
};

/// Learns the distribution of the rows of `data` (train/trainer.h). Throws `invalid_argument` for
/// options or data that cannot be (all checked before training), `not_finite` for NaN or infinity
/// in the data (named by row and column) or a training that diverged.
Model fit(const Dataset& data, const FitOptions& options = {}, const FitExtras& extras = {});

}  // namespace diabolo
