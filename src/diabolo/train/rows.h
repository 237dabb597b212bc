// What rows must be before a model works on them. All is checked before the first kernel runs.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/models/model_data.h>

#include <utility>

namespace diabolo {

/// Throws `invalid_argument`, naming row and column, for a value that lies outside [low, high] once
/// it is scaled; `who` is what asks for the range. Nothing to do if the range is infinite.
void check_range(const Dataset& data, const Transform& transform, std::pair<double, double> range,
                 std::string_view who);

/// True if every value is 0 or `one`.
bool holds_only(const Tensor& values, double one);

/// True if the network sees zeros and ones alone of these rows.
bool sees_zero_one(const Transform& transform, const Dataset& data);

/// Rows for a trained model: `shape` unless they are as wide as those it was trained on,
/// `not_finite` for NaN or infinity, `invalid_argument` for values outside the likelihood's range.
void check_rows(const ModelData& model, const Vae& vae, const Dataset& data);

}  // namespace diabolo
