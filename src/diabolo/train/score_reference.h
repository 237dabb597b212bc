// What scores of new rows are compared with, found on rows that the model has not seen: how scores
// are spread, what each column adds on average, and what a missing cell takes away from a score.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/models/programs.h>

namespace diabolo {

/// Measures the scores of `held_out` (at most some thousands of its rows). A row's score is a sum
/// over its observed cells; so that a row does not look normal for its holes, each missing cell is
/// to add what rows whose cells were hidden at random lacked (least absolute residuals, linear in
/// the columns and in the square of the share of missing cells; then shifted until rows with holes
/// score above rows without in half of all pairs). `seed` is of what is hidden.
ScoreReference score_reference(const ModelPrograms& programs, const Dataset& held_out,
                               std::uint64_t seed, ThreadPool* pool);

/// What the missing cells of a row add to its score; 0 without any.
double missing_cost(const ScoreReference& reference, std::span<const float> cells);

}  // namespace diabolo
