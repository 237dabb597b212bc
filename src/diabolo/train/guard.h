// What training does about a step whose loss or gradient is not finite.
#pragma once

#include <diabolo/train/session.h>
#include <diabolo/train/trainer.h>

namespace diabolo {

/// To be called after a step that was not finite, and so changed nothing. Finds the rows that are
/// to blame and their worst columns (the cells farthest from the middle of their column, in the
/// network's units), says so in a warning, halves the learning rate from here on, and counts the
/// step as done. With the last of BadSteps::kMost the session is over.
void leave_out(TrainingStep& step, std::span<const std::int64_t> batch, std::uint64_t pass,
               double warmup, const ModelData& model, const Dataset& data, PhaseState& at,
               Session& session);

/// Why the loss of `data.valid` is not finite: ", for row 3 (column 0: 1e+36) of 'valid.npy'",
/// found by halving; empty if no single row is to blame.
std::string cause_of_loss(const ModelPrograms& programs, const ModelData& model,
                          const TrainingData& data, std::uint64_t seed, ThreadPool& pool);

/// What to look at where training has diverged: "lower --learning-rate, ...".
std::string advice(const BadSteps& bad);

}  // namespace diabolo
