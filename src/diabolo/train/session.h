// What a training does between two steps: it looks whether it is to be saved or stopped.
#pragma once

#include <diabolo/train/trainer.h>

#include <chrono>

namespace diabolo {

class Session {
 public:
  /// All references must outlive it.
  Session(const ModelData& model, TrainingState& state, const TrainerHooks& hooks);

  /// After a step.
  void poll();
  /// To be stopped here; the state is saved.
  void stop();
  /// Where nothing new is worth saving: is it to be stopped?
  void look();
  /// From outside, or since the training has diverged.
  bool is_stopped() const { return is_stopped_ || state_.bad.has_diverged(); }
  void save();

  TrainingState& state() { return state_; }
  const TrainerHooks& hooks() const { return hooks_; }
  /// Since the start of the training, over all sessions.
  double seconds() const;

 private:
  const ModelData& model_;
  TrainingState& state_;
  const TrainerHooks& hooks_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double before_;
  bool is_stopped_ = false;
};

}  // namespace diabolo
