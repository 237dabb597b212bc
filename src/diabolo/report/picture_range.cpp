#include <diabolo/report/picture_range.h>

#include <algorithm>

namespace diabolo {

// Exact where the likelihood lives in [0, 1] and for bytes; for other floats a guess from mean and
// deviation of the columns: data are nearly always in [0, 1], [-1, 1] or [0, 255].
GridOptions picture_range(const ModelData& model) {
  double low = 0, high = 1;
  const Transform& transform = model.transform;
  if (model.composition.likelihood.type == "bernoulli") {
    high = transform.scale_of(0);
  } else if (model.dtype == DType::u8) {
    high = 255;
  } else {
    double lowest = 0, highest = 0;
    for (std::size_t i = 0; i < transform.shift.size(); ++i) {
      lowest = std::min(lowest, transform.shift[i]);
      highest = std::max(highest, transform.shift[i] + transform.scale[i]);
    }
    if (highest > 2) high = 255;
    if (lowest < 0) low = -high;
  }
  return {.low = static_cast<float>(low), .high = static_cast<float>(high)};
}

Tensor as_floats(const Tensor& rows) {
  if (rows.dtype() != DType::u8) return rows.clone();
  Tensor floats(DType::f32, rows.shape());
  std::copy(rows.as<std::uint8_t>().begin(), rows.as<std::uint8_t>().end(),
            floats.as<float>().begin());
  return floats;
}

}  // namespace diabolo
