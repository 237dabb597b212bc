// The phase of training after the model's own: the encoder of partial rows.
#pragma once

#include <diabolo/train/session.h>

namespace diabolo {

/// Trains the encoder of partial rows (Vae::masked_loss), all else frozen, from a copy of the other
/// encoder; it ends with its best weights.
void train_partial(ModelData& model, const Components& components, const FitJob& job,
                   const TrainingData& data, ThreadPool& pool, Session& session);

}  // namespace diabolo
