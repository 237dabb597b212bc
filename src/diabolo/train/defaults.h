// From options and data to a complete job: what the options left open is chosen by the size of the
// data (sizing.h) and by what they are.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/kernels/mode.h>
#include <diabolo/models/model_data.h>
#include <diabolo/train/options.h>

namespace diabolo {

/// A fit with nothing left open.
struct FitJob {
  Composition composition;
  Transform transform;
  bool zero_one = false;  ///< the network sees zeros and ones alone, without binarisation
  std::int64_t epochs = 0, patience = 0, batch_size = 0;
  double beta_warmup = 0;           // epochs
  std::int64_t partial_epochs = 0;  // of the encoder of partial rows, at most
  double learning_rate = 0, weight_decay = 0;
  std::optional<double> clip_norm = {};  // empty: by the norms of the steps before
  double trim = 0;                       // share of the rows, the least likely, that is left out
  std::string schedule;
  kernels::Mode mode = kernels::Mode::fast;
  kernels::Precision precision = kernels::Precision::f32;
  std::uint64_t seed = 0;
  int threads = 0;
  /// Every setting in force as on the command line, but for seed-independent matters of the machine
  /// (threads): what the model file and config.toml say.
  std::map<std::string, std::string> settings;
};

/// What can be said before the data are known: bounds, words, components, their
/// settings, and whether they go together. Throws `invalid_argument`, `unsupported` (no such
/// component).
void check_options(const FitOptions& options, const Components& components);

/// The fraction of the rows that a fit keeps for validation: 0.1 if nothing is said. Of a table of
/// few rows with missing cells it keeps none: they are worth more in training, where weight decay
/// already keeps the fit from learning them by heart.
double valid_fraction(const FitOptions& options, const Dataset& data);

/// Throws `invalid_argument` for options that are out of range or do not go together, and for data
/// outside the likelihood's range (naming row and column); `unsupported` for bf16 where this
/// processor or this build has none. `train_rows`: rows of `train` that are trained on. `init`: a
/// model to begin with, of which composition and transform are taken; of what `options` say of
/// these only the objective counts, if they say anything of it.
FitJob make_job(const FitOptions& options, const Dataset& train, std::int64_t train_rows,
                const Components& components, const ModelData* init = nullptr);

}  // namespace diabolo
