// Pictures in a model's own range: what is black, what is white.
#pragma once

#include <diabolo/data/grid.h>
#include <diabolo/models/model_data.h>

namespace diabolo {

/// Options that show this model's data in its own range.
GridOptions picture_range(const ModelData& model);
/// The rows as floats, so that they are drawn in that range whatever their type.
Tensor as_floats(const Tensor& rows);

}  // namespace diabolo
