#include <diabolo/base/hash.h>
#include <diabolo/data/dataset.h>
#include <diabolo/data/picture.h>
#include <diabolo/data/source.h>
#include <diabolo/data/table.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace diabolo {

Dataset Dataset::from(Tensor array, std::string name) {
  const Shape shape = array.shape();
  check(array.dtype() == DType::u8 || array.dtype() == DType::f32, ErrorCode::invalid_argument,
        "data", "expected u8 or f32 numbers in {}, got {}; convert them", in_quotes(name),
        diabolo::name(array.dtype()));
  check(shape.rank() >= 1, ErrorCode::shape, "data",
        "expected an array with rows in {}, got a single number; give an array [rows, columns]",
        in_quotes(name));
  check(shape.size() > 0, ErrorCode::shape, "data",
        "expected at least one row and one column in {}, got shape {}; check how it was made",
        in_quotes(name), shape);
  Dataset data;
  data.row_shape = shape.rank() == 1 ? Shape{1} : Shape(shape.dims().subspan(1));
  data.values = std::move(array).reshaped({shape[0], data.row_shape.size()});  // [N, D]
  data.is_image = is_image_shape(data.row_shape);
  data.name = std::move(name);
  return data;
}

Dataset Dataset::empty_copy(std::int64_t count) const {
  Dataset copy;
  copy.values = Tensor(values.dtype(), {count, dimensions()});
  copy.row_shape = row_shape;
  copy.is_image = is_image;
  copy.name = name;
  copy.columns = columns;
  copy.schema = schema;
  return copy;
}

Dataset Dataset::rows(std::int64_t first, std::int64_t count) const {
  check(first >= 0 && count >= 0 && first <= size() && count <= size() - first,
        ErrorCode::invalid_argument, "data",
        "expected rows among the {} of {}, got {} rows from row {}; ask for fewer", size(),
        in_quotes(name), count, first);
  Dataset copy = empty_copy(count);
  const std::size_t row_bytes = static_cast<std::size_t>(dimensions()) * size_of(values.dtype());
  if (count > 0)
    std::memcpy(copy.values.data(), values.data() + static_cast<std::size_t>(first) * row_bytes,
                copy.values.bytes());
  if (!log_slopes.empty())
    copy.log_slopes.assign(log_slopes.begin() + first, log_slopes.begin() + first + count);
  return copy;
}

Dataset Dataset::select(std::span<const std::int64_t> indices) const {
  Dataset copy = empty_copy(static_cast<std::int64_t>(indices.size()));
  const std::size_t row_bytes = static_cast<std::size_t>(dimensions()) * size_of(values.dtype());
  std::byte* to = copy.values.data();
  for (const std::int64_t row : indices) {
    check(row >= 0 && row < size(), ErrorCode::invalid_argument, "data",
          "expected a row among the {} of {}, got row {}; rows count from 0", size(),
          in_quotes(name), row);
    std::memcpy(to, values.data() + static_cast<std::size_t>(row) * row_bytes, row_bytes);
    to += row_bytes;
    if (!log_slopes.empty()) copy.log_slopes.push_back(log_slopes[static_cast<std::size_t>(row)]);
  }
  return copy;
}

namespace {

bool is_nan(float x) { return x != x; }

// A missing value is missing, whichever NaN stands for it.
std::uint64_t hash_with_holes(std::span<const float> x, std::uint64_t key) {
  float piece[1024];
  while (!x.empty()) {
    const auto part = x.first(std::min(x.size(), std::size(piece)));
    std::replace_copy_if(part.begin(), part.end(), piece, is_nan, kMissing);
    key = hash64(piece, part.size_bytes(), key);
    x = x.subspan(part.size());
  }
  return key;
}

}  // namespace

std::uint64_t Dataset::fingerprint() const {
  const std::string header =
      fmt::format("{} {} {}", diabolo::name(values.dtype()), size(), row_shape);
  const std::uint64_t start = hash64(header.data(), header.size());
  if (values.dtype() == DType::f32)
    if (const auto x = values.as<float>(); std::any_of(x.begin(), x.end(), is_nan))
      return hash_with_holes(x, start);
  return hash64(values.data(), values.bytes(), start);
}

std::string Dataset::fingerprint_text() const { return fmt::format("{:016x}", fingerprint()); }

void check_finite(const Tensor& array, const std::string& name, bool allow_nan) {
  if (array.dtype() != DType::f32) return;
  const std::span<const float> values = array.as<float>();
  constexpr std::size_t kBlock = 4096;  // looked at as a whole, without a branch for each number
  for (std::size_t begin = 0; begin < values.size(); begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, values.size());
    bool finite = true;
    const auto is_fine = [allow_nan](float x) {
      return (std::abs(x) <= std::numeric_limits<float>::max()) | (allow_nan & (x != x));
    };
    for (std::size_t i = begin; i < end; ++i) finite &= is_fine(values[i]);
    if (finite) continue;
    std::size_t i = begin;
    while (is_fine(values[i])) ++i;
    const auto columns = static_cast<std::size_t>(array.row_size());
    fail(ErrorCode::not_finite, "data",
         "expected finite numbers in {}, got {} in row {}, column {} (from 0); {}", in_quotes(name),
         std::isnan(values[i]) ? "nan" : "infinity or a number beyond 32-bit floats", i / columns,
         i % columns,
         std::isnan(values[i])
             ? "fit with --missing nan if such cells are missing, or leave out their rows"
             : "replace such cells or leave out their rows");
  }
}

}  // namespace diabolo
