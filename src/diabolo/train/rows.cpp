#include <diabolo/train/rows.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace diabolo {
namespace {

// Blocks of values are looked at as a whole, without a branch for each.
constexpr std::size_t kBlock = 4096;

// The smallest and the largest of a few values, none of them NaN. In lanes: the order of
// comparisons does not matter, but the compiler does not know that.
template <class T>
std::pair<T, T> extremes(std::span<const T> values) {
  constexpr std::size_t kLanes = 32;
  T low[kLanes], high[kLanes];
  std::fill_n(low, kLanes, values[0]);
  std::fill_n(high, kLanes, values[0]);
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes)
    for (std::size_t l = 0; l < kLanes; ++l) {
      const T x = values[i + l];
      low[l] = x < low[l] ? x : low[l];
      high[l] = high[l] < x ? x : high[l];
    }
  for (; i < values.size(); ++i) {
    low[0] = std::min(low[0], values[i]);
    high[0] = std::max(high[0], values[i]);
  }
  return {*std::min_element(low, low + kLanes), *std::max_element(high, high + kLanes)};
}

template <class T>
bool holds_only(std::span<const T> values, double one) {
  using Word = std::conditional_t<sizeof(T) == 1, std::uint8_t, std::uint32_t>;  // as wide as T
  const T other = static_cast<double>(static_cast<T>(one)) == one ? static_cast<T>(one) : T(0);
  for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
    const auto block = values.subspan(begin, std::min(kBlock, values.size() - begin));
    Word others = 0;
    for (const T v : block) others |= (v == T(0)) | (v == other) ? Word(0) : Word(1);
    if (others) return false;
  }
  return true;
}

}  // namespace

void check_range(const Dataset& data, const Transform& transform, std::pair<double, double> range,
                 std::string_view who) {
  if (!std::isfinite(range.first) && !std::isfinite(range.second)) return;
  const double low = range.first * transform.scale[0], high = range.second * transform.scale[0];
  const auto is_inside = [&](auto v) {
    const double x = static_cast<double>(v);
    return x >= low && x <= high;
  };
  const auto look = [&](auto values) {
    for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
      const auto block = values.subspan(begin, std::min(kBlock, values.size() - begin));
      const auto [least, most] = extremes(block);
      if (is_inside(least) && is_inside(most)) continue;
      const std::size_t i =
          begin + static_cast<std::size_t>(std::find_if_not(block.begin(), block.end(), is_inside) -
                                           block.begin());
      const double x = static_cast<double>(values[i]);
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

bool holds_only(const Tensor& values, double one) {
  return values.dtype() == DType::u8 ? holds_only(values.as<std::uint8_t>(), one)
                                     : holds_only(values.as<float>(), one);
}

bool sees_zero_one(const Transform& transform, const Dataset& data) {
  if (transform.binarize != "none") return true;
  return transform.shift == std::vector<double>{0} && transform.scale.size() == 1 &&
         holds_only(data.values, transform.scale[0]);
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
