// What rows must be before a model works on them. All is checked before the first kernel runs.
#pragma once

#include <diabolo/base/parallel.h>
#include <diabolo/data/dataset.h>
#include <diabolo/models/model_data.h>
#include <diabolo/models/programs.h>

#include <limits>
#include <utility>

namespace diabolo {

/// What values are like, seen in one pass.
struct ValueLook {
  bool finite = true;  ///< no NaN or infinity; the other fields do not tell of NaN
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();
  bool zero_one = true;  ///< every value is 0 or `one`

  void add(const ValueLook& other);
};

/// `pool` may be null.
ValueLook look_at(const Tensor& values, double one, ThreadPool* pool = nullptr);

/// Throws `invalid_argument`, naming row and column, if a value of `data`, whose values look like
/// that, lies outside [low, high] once it is scaled; `who` is what asks for the range.
void check_range(const Dataset& data, const ValueLook& look, const Transform& transform,
                 std::pair<double, double> range, std::string_view who);

/// Checks rows for a trained model and says how its programs read them: `shape` unless they are as
/// wide as those it was trained on, `not_finite` for NaN or infinity, `invalid_argument` for values
/// outside the likelihood's range. `pool` may be null.
RowsIn check_rows(const ModelData& model, const Vae& vae, const Dataset& data,
                  ThreadPool* pool = nullptr);

}  // namespace diabolo
