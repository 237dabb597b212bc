#include <diabolo/train/rows.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <type_traits>

namespace diabolo {
namespace {

constexpr std::size_t kBlock = 4096;  // stays in the first-level cache while it is looked at
constexpr std::size_t kLookPiece = 16 * kBlock;  // of a thread at a time

// Without branches, so that the loops are vectors. What is least and most is kept in lanes: the
// order of comparisons does not matter, but the compiler does not know that.
template <class T>
ValueLook look_at_block(std::span<const T> values, T one) {
  using Word = std::conditional_t<sizeof(T) == 1, std::uint8_t, std::uint32_t>;  // as wide as T
  constexpr std::size_t kLanes = 32;
  T low[kLanes], high[kLanes];
  std::fill_n(low, kLanes, std::numeric_limits<T>::max());
  std::fill_n(high, kLanes, std::numeric_limits<T>::lowest());
  Word odd = 0, others = 0;
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
  for (const T x : values) others |= ((x == T(0)) | (x == one)) ? Word(0) : Word(1);
  if constexpr (std::is_floating_point_v<T>)
    for (const T x : values)
      odd |= std::abs(x) <= std::numeric_limits<T>::max() ? Word(0) : Word(1);
  return {.finite = odd == 0,
          .least = static_cast<double>(*std::min_element(low, low + kLanes)),
          .most = static_cast<double>(*std::max_element(high, high + kLanes)),
          .zero_one = others == 0};
}

template <class T>
ValueLook look_at(std::span<const T> values, double one, ThreadPool* pool) {
  const bool fits = one >= 0 && one <= static_cast<double>(std::numeric_limits<T>::max());
  const T other =
      fits && static_cast<double>(static_cast<T>(one)) == one ? static_cast<T>(one) : T(0);
  ValueLook all;
  std::mutex mutex;
  const auto piece = [&](int p) {
    const std::size_t begin = static_cast<std::size_t>(p) * kLookPiece;
    const auto part = values.subspan(begin, std::min(kLookPiece, values.size() - begin));
    ValueLook found;
    for (std::size_t b = 0; b < part.size(); b += kBlock)
      found.add(look_at_block(part.subspan(b, std::min(kBlock, part.size() - b)), other));
    std::lock_guard lock(mutex);
    all.add(found);
  };
  const auto pieces = static_cast<int>((values.size() + kLookPiece - 1) / kLookPiece);
  if (pool)
    pool->run(pieces, piece);
  else
    for (int p = 0; p < pieces; ++p) piece(p);
  return all;
}

// The interval of the data in which the network's numbers lie in `range`.
std::pair<double, double> in_data(const Transform& transform, std::pair<double, double> range) {
  return {range.first * transform.scale[0], range.second * transform.scale[0]};
}

[[noreturn]] void refuse_outside(const Dataset& data, std::pair<double, double> range,
                                 std::string_view who) {
  const auto D = static_cast<std::size_t>(data.dimensions());
  const auto search = [&](auto values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x = static_cast<double>(values[i]);
      if (x >= range.first && x <= range.second) continue;
      fail(ErrorCode::invalid_argument, who,
           "expected values in [{}, {}] for {}, got {} in row {}, column {} (from 0) of {}; {}",
           range.first, range.second, who, x, i / D, i % D, data.name,
           who == "binarisation" ? "rescale the data, or fit without --binarize"
                                 : "rescale the data, or fit with --likelihood normal");
    }
  };
  if (data.values.dtype() == DType::u8)
    search(data.values.as<std::uint8_t>());
  else
    search(data.values.as<float>());
  fail(ErrorCode::internal, who, "expected a value outside of its range, found none");
}

}  // namespace

void ValueLook::add(const ValueLook& other) {
  finite &= other.finite;
  least = std::min(least, other.least);
  most = std::max(most, other.most);
  zero_one &= other.zero_one;
}

ValueLook look_at(const Tensor& values, double one, ThreadPool* pool) {
  return values.dtype() == DType::u8 ? look_at(values.as<std::uint8_t>(), one, pool)
                                     : look_at(values.as<float>(), one, pool);
}

void check_range(const Dataset& data, const ValueLook& look, const Transform& transform,
                 std::pair<double, double> range, std::string_view who) {
  const auto [low, high] = in_data(transform, range);
  if (!(look.least >= low && look.most <= high)) refuse_outside(data, {low, high}, who);
}

RowsIn check_rows(const ModelData& model, const Vae& vae, const Dataset& data, ThreadPool* pool) {
  check(data.size() >= 1, ErrorCode::invalid_argument, "data",
        "expected at least one row of data, got none in {}", data.name);
  check(data.dimensions() == model.dimensions, ErrorCode::shape, "data",
        "expected rows of {} numbers {}, as the model was trained on, got {} {} in {}",
        model.dimensions, model.row_shape, data.dimensions(), data.row_shape, data.name);
  check(!data.schema || !model.schema.empty(), ErrorCode::invalid_argument, "data",
        "expected an array of numbers, as the model was trained on, got a table in {}; give its "
        "numbers as an array, or fit a model to a table",
        data.name);
  check(!data.schema || same_cells(*data.schema, model.schema), ErrorCode::invalid_argument, "data",
        "expected rows by the schema of the model, got others in {}; give its schema where the "
        "table is read or made",
        data.name);
  const Transform& transform = model.transform;
  const ValueLook look = look_at(data.values, transform.scale[0], pool);
  if (!look.finite) check_finite(data.values, data.name, vae.has_missing());
  const bool binarized = transform.binarize != "none";
  const std::pair<double, double> unit{0, 1};
  const auto range = binarized ? unit : vae.likelihood().range();
  check_range(data, look, transform, range,
              binarized ? "binarisation" : model.composition.likelihood.type);
  const auto scale = static_cast<float>(transform.scale[0]);
  const bool one_scale = transform.scale.size() == 1 && transform.shift == std::vector<double>{0} &&
                         scale * static_cast<float>(1 / transform.scale[0]) == 1;  // as it rounds
  return {.raw = data.values.dtype(),
          .zero_one = binarized || (range == unit && one_scale && look.zero_one)};
}

}  // namespace diabolo
