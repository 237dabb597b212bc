// A model that a file gave, used as every verb would.
#pragma once

#include <diabolo/apps/model.h>
#include <diabolo/data/schema.h>
#include <diabolo/models/model_data.h>

#include <cmath>

namespace diabolo::fuzz {

/// Small models only: time is a matter of their sizes.
inline void use_model(ModelData data) {
  constexpr std::int64_t kMostNumbers = 20'000, kMostDimensions = 64;
  const std::int64_t D = data.dimensions;
  if (data.parameters.size() + data.state.size() > kMostNumbers || D > kMostDimensions) return;
  if (!data.schema.empty()) describe(data.schema);
  const Shape rows = data.row_shape.rank() < kMaxRank ? Shape{2, D} : Shape{2, D};
  const bool takes_missing = data.composition.missing, has_partial = data.composition.partial;
  const Model model(std::move(data));
  Tensor values(DType::f32, rows);
  if (takes_missing) values.as<float>()[0] = std::nanf("");
  Dataset x = Dataset::from(std::move(values), "rows");
  x.row_shape = model.data().row_shape;
  x.schema = model.schema();
  const auto attempt = [](auto&& f) {
    try {
      f();
    } catch (const Error& error) {  // numbers that overflow, a model that cannot
      if (error.code() == ErrorCode::internal) throw;
    }
  };
  attempt([&] { model.decode(model.encode(x)); });
  attempt([&] { model.sample(2, {.missing_like_data = true}); });
  attempt([&] { model.score_rows(x, {.samples = 2, .explain = true}); });
  attempt([&] { model.score_threshold(0.1); });
  if (has_partial) attempt([&] { model.impute(x, {.samples = 4}); });
}

}  // namespace diabolo::fuzz
