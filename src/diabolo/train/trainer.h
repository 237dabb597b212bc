// The training loop: epochs of shuffled batches, validation, early stopping, best weights.
#pragma once

#include <diabolo/train/step.h>

#include <functional>

namespace diabolo {

/// What is known after an epoch. Times are sums since the start.
struct EpochReport {
  EpochRecord record;
  double train_seconds = 0, seconds = 0, rows_per_second = 0;
  bool is_best = false;
  std::int64_t epochs = 0;  // planned
};

struct TrainerHooks {
  /// Before the first step: epochs that are planned, and the steps of each.
  std::function<void(std::int64_t epochs, std::int64_t steps)> on_begin = {};
  /// After each epoch; false ends the training there.
  std::function<bool(const EpochReport&)> on_epoch = {};
  /// After each epoch of the encoder of partial rows: its loss on validation rows under random
  /// masks (in training without validation), epochs done and planned. False ends it there.
  std::function<bool(double loss, std::int64_t epoch, std::int64_t epochs)> on_partial_epoch = {};
  /// After each step of the model itself.
  std::function<void()> on_step = {};
  /// Polled after each step, and while a prior is fitted; true ends the training there.
  std::function<bool()> should_stop = {};
  /// Polled after each step; true asks for `save`.
  std::function<bool()> is_save_due = {};
  /// Keeps what a training needs to go on: before the first step of each session, when it is due,
  /// when the training is ended from outside, and before the encoder of partial rows.
  std::function<void(const ModelData&, const TrainingState&)> save = {};
  /// Called by `fit` at the end if the training diverged (BadSteps): the model has the best weights
  /// before that, and `advice` says what to look at. Without it `fit` throws `not_finite`.
  std::function<void(const std::string& advice)> on_divergence = {};
  /// If set, receives the plan of a step with its times at the end.
  std::function<void(const std::string&)> on_profile = {};
};

/// Rows for training and, perhaps, for validation.
struct TrainingData {
  const Dataset* train = nullptr;
  std::vector<std::int64_t> rows;          // of `train` that are trained on
  const Dataset* valid = nullptr;          // null: no validation
  std::vector<std::int64_t> valid_rows{};  // their numbers where they came from; empty: all of it
};

/// Trains `model` in place; it ends with the best weights: the lowest validation loss of the epochs
/// after the warm-up (with a KL limit, the highest valid_log_px with valid_kl <= 1.03 limit), or
/// the last without validation. A step that is not finite is left out, its rows are named in a
/// warning and the learning rate is halved; with the last of BadSteps::kMost of them the training
/// ends as if it were stopped from outside, and `state.bad` tells. If the job says so the least
/// likely rows are left out after a quarter of the epochs (trim.h), and the best weights are those
/// of a later epoch, unless patience was at its end before. Then what follows: the prior, if it is
/// one that is fitted to codes, and the encoder of partial rows, if there is one. Writes history
/// and best_epoch. Throws `not_finite` where there was no epoch of finite losses, `out_of_memory`.
///
/// `state`: empty, or that of a training that was saved, with the model that was saved along with
/// it; job, data and components must be the same, but that there may be more epochs. The training
/// goes on there, and gives the same bits as if it had not been interrupted. If it is ended from
/// outside, the model has the best weights so far, and a fitted prior.
void train(ModelData& model, const Components& components, const FitJob& job,
           const TrainingData& all, ThreadPool& pool, const TrainerHooks& hooks,
           TrainingState& state);

/// A random part of `rows` rows for validation, by seed: {training rows, validation rows}.
std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> split_rows(std::int64_t rows,
                                                                           double fraction,
                                                                           std::uint64_t seed);

/// Fits what is fitted after training (a mixture prior) to the codes of the training rows.
void fit_prior(ModelData& model, const Components& components, const FitJob& job,
               const TrainingData& data, ThreadPool& pool, const TrainerHooks& hooks);

}  // namespace diabolo
