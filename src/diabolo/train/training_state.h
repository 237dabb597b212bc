// A training as it stands between two steps: all that it needs to go on as if it had never stopped,
// as plain data (checkpoint.h keeps it in a file). What follows from the seed and the place, like
// the order of rows and noise, is not in it.
#pragma once

#include <diabolo/models/model_data.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace diabolo {

/// Sums over the rows of the epoch in hand, and the rate and the weight of the KL of its last step.
struct EpochSums {
  double rows = 0, loss = 0, log_px = 0, kl = 0;
  std::vector<double> mean, square;  ///< of the codes, per latent
  double learning_rate = 0, beta = 0;
  double seconds = 0;  ///< in steps
};

/// Adam's, and what clipping knows of the steps that were made.
struct OptimizerState {
  Tensor moment1, moment2;        ///< like the parameters; empty before the first step
  double power1 = 1, power2 = 1;  ///< its betas to the number of steps
  std::int64_t made = 0;          ///< steps that changed the parameters
  double norm = 0;                ///< moving mean of their gradients' norms, as they were clipped
};

/// The best weights so far. Scores compare as pairs: within a KL limit beats beyond it.
struct BestState {
  std::int64_t epoch = 0;  ///< 0: none yet
  double after = 0;        ///< epochs that do not count: the warm-up, or those before a trim
  std::pair<bool, double> score{false, -std::numeric_limits<double>::infinity()};
  Tensor values = {}, state = {};  ///< empty if there are none, or the last ones are to be kept

  /// True if this score is better than all before.
  bool offer(std::int64_t now, std::pair<bool, double> offered) {
    if (!std::isfinite(offered.second) || offered <= score) return false;
    score = offered;
    epoch = now;
    return true;
  }
  std::int64_t epochs_since(std::int64_t now) const {
    return now - std::max(epoch, static_cast<std::int64_t>(after));
  }
};

/// The weights after the last epoch of finite losses, kept while there are no best ones: those of a
/// step that is not finite would do harm.
struct SoundWeights {
  std::int64_t epoch = 0;
  Tensor values, state;
};

inline constexpr std::int64_t kMostShards = 256;  ///< that a batch is cut into

/// The place in the epochs of a phase, and what its steps have left.
struct PhaseState {
  std::int64_t epoch = 1;          ///< the one in hand
  std::int64_t step_of_epoch = 0;  ///< steps of it that are done
  std::int64_t steps = 0;          ///< steps done in all
  std::int64_t shards = 0;         ///< of a batch, kMostShards at most; 0 before the first step
  EpochSums sums;
  OptimizerState optimizer;
  BestState best;
  SoundWeights sound;
  bool is_over = false;
};

/// Steps whose loss or gradient was not finite, in all phases.
struct BadSteps {
  static constexpr std::int64_t kMost = 10;  ///< with so many the training has diverged

  std::int64_t count = 0;
  double rate_factor = 1;  ///< of the learning rate: halved by each
  std::string rows;        ///< those of the last one and their worst columns, in words

  bool has_diverged() const { return count >= kMost; }
};

/// Where the fall of the learning rate was cut short; steps.
struct RateCut {
  std::int64_t begin = -1, end = 0;  ///< begin < 0: it was not
  double top = 0;
};

/// Times after an epoch: sums since the start, over all sessions.
struct EpochTimes {
  double train_seconds = 0, seconds = 0, rows_per_second = 0;
};

struct TrainingState {
  PhaseState model, partial;  ///< the second: of the encoder of partial rows
  RateCut cut;
  BadSteps bad;
  /// Rows of the training and of the validation data that are left after a trim; empty before.
  std::vector<std::int64_t> rows, valid_rows;
  /// When the model's phase is over: its last weights, should it go on for more epochs.
  Tensor last_values, last_state;
  std::vector<EpochTimes> times;  ///< of the model's history
  double train_seconds = 0, seconds = 0;
  std::int64_t data_rows = 0;     ///< of the data, those for validation included
  std::string valid_fingerprint;  ///< of rows for validation from elsewhere

  /// False: not even the initial weights are there.
  bool is_begun() const { return model.shards > 0; }
  bool is_trimmed() const { return !rows.empty(); }
};

}  // namespace diabolo
