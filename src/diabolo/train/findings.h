// What may be wrong with a training that ends without an error, found by looking at its numbers.
#pragma once

#include <diabolo/train/defaults.h>
#include <diabolo/train/training_state.h>

#include <string>
#include <vector>

namespace diabolo {

/// Rows for training and, perhaps, for validation.
struct TrainingData;

/// Looks at a training after each epoch and at its end. Findings are names, separated by spaces:
///   no-active-units   no latent's mean varies over the rows: codes say nothing
///   validation-apart  the bound of validation rows is worse than that of training rows by more
///                     than all that has been learned of them
///   scale-at-bound    the learned scale of a column has run into its bound
///   same-rows         all training rows are the same
///   copied-rows       validation rows stand in the training rows, too, and not by chance
///   left-out-steps    steps were not finite (BadSteps)
class Watch {
 public:
  /// Looks through the rows once. `data` must outlive it.
  Watch(const TrainingData& data, const FitJob& job, const Components& components);

  /// After the epoch `now`. Where little is learned yet, nothing is said of what may still come.
  std::string look(const ModelData& model, const EpochRecord& now, const BadSteps& bad) const;
  /// At the end, of the epoch whose weights are kept.
  std::string look_at_end(const ModelData& model, const EpochRecord& kept,
                          const BadSteps& bad) const;

 private:
  std::string names(const ModelData& model, const EpochRecord& now, const BadSteps& bad,
                    bool is_early) const;

  const TrainingData& data_;
  const FitJob& job_;
  const Components& components_;
  std::string of_rows_;  // what is found in the rows alone
};

/// Adds what the phases after the model's have left out.
void add_left_out_steps(ModelData& model, const BadSteps& bad);

/// For a person: what was found in a model's training (ModelData::findings), a sentence each, with
/// what to try.
std::vector<std::string> sentences(const ModelData& model, const Components& components);

}  // namespace diabolo
