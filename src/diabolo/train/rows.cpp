#include <diabolo/train/rows.h>

#include <cmath>

namespace diabolo {

void check_range(const Dataset& data, const Transform& transform, std::pair<double, double> range,
                 std::string_view who) {
  if (!std::isfinite(range.first) && !std::isfinite(range.second)) return;
  const auto look = [&](auto values) {
    const double low = range.first * transform.scale[0], high = range.second * transform.scale[0];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x = static_cast<double>(values[i]);
      if (x >= low && x <= high) continue;
      const auto D = static_cast<std::size_t>(data.dimensions());
      fail(ErrorCode::invalid_argument, who,
           "expected values in [{}, {}] for {}, got {} in row {}, column {} of {}; choose "
           "--likelihood normal, or rescale the data",
           low, high, who, x, i / D, i % D, data.name);
    }
  };
  if (data.values.dtype() == DType::u8)
    look(data.values.as<std::uint8_t>());
  else
    look(data.values.as<float>());
}

void check_rows(const ModelData& model, const Vae& vae, const Dataset& data) {
  check(data.size() >= 1, ErrorCode::invalid_argument, "data",
        "expected at least one row of data, got none in {}", data.name);
  check(data.dimensions() == model.dimensions, ErrorCode::shape, "data",
        "expected rows of {} numbers {}, as the model was trained on, got {} {} in {}",
        model.dimensions, to_string(model.row_shape), data.dimensions(), to_string(data.row_shape),
        data.name);
  if (data.values.dtype() == DType::f32) check_finite(data.values, data.name);
  const bool binarized = model.transform.binarize != "none";
  check_range(data, model.transform,
              binarized ? std::pair<double, double>{0, 1} : vae.likelihood().range(),
              binarized ? "binarisation" : model.composition.likelihood.type);
}

}  // namespace diabolo
