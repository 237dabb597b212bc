// Columns of one value need no training: a model begins with what is known of them.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/models/model_data.h>

namespace diabolo {

/// Of each column of an array whose observed values in `rows` are all the same, sets the parameters
/// of the untrained `model` to what the likelihood says of such a column
/// (Likelihood::start_of_constant). Otherwise a far mean under a small scale, or a logit that has a
/// long way to go, takes most of a short training. Tables leave such columns out.
void begin_constant_columns(ModelData& model, const Components& components, const Dataset& data,
                            std::span<const std::int64_t> rows);

/// True if `column` of `model` still is what it began as there: its weights are 0.
bool is_known_constant(const ModelData& model, const Likelihood& likelihood, std::int64_t column);

}  // namespace diabolo
