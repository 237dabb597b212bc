#include <diabolo/base/error.h>
#include <diabolo/tensor/shape.h>

#include <algorithm>

namespace diabolo {

Shape::Shape(std::initializer_list<std::int64_t> dims)
    : Shape(std::span(dims.begin(), dims.size())) {}

Shape::Shape(std::span<const std::int64_t> dims) : rank_(static_cast<int>(dims.size())) {
  check(dims.size() <= kMaxRank, ErrorCode::shape, "shape",
        "expected at most {} dimensions, got {}; reshape the array", kMaxRank, dims.size());
  for (const std::int64_t n : dims)
    check(n >= 0, ErrorCode::shape, "shape", "expected dimensions of at least 0, got {}", n);
  std::copy(dims.begin(), dims.end(), dims_.begin());
}

std::int64_t Shape::size() const noexcept {
  std::int64_t n = 1;
  for (const std::int64_t d : dims()) n *= d;
  return n;
}

Shape Shape::with(int i, std::int64_t n) const {
  Shape result = *this;
  result.dims_[static_cast<std::size_t>(i < 0 ? i + rank_ : i)] = n;
  return result;
}

Shape broadcast_shapes(const Shape& a, const Shape& b, std::string_view where) {
  std::array<std::int64_t, kMaxRank> dims{};
  const int rank = std::max(a.rank(), b.rank());
  for (int i = 1; i <= rank; ++i) {
    const std::int64_t m = i <= a.rank() ? a[-i] : 1, n = i <= b.rank() ? b[-i] : 1;
    check(m == n || m == 1 || n == 1, ErrorCode::shape, where,
          "expected shapes that broadcast together, got {} and {}", a, b);
    dims[static_cast<std::size_t>(rank - i)] = m == 1 ? n : m;
  }
  return Shape(std::span<const std::int64_t>(dims.data(), static_cast<std::size_t>(rank)));
}

}  // namespace diabolo

fmt::format_context::iterator fmt::formatter<diabolo::Shape>::format(const diabolo::Shape& shape,
                                                                     format_context& context) {
  auto to = fmt::format_to(context.out(), "[");
  for (int i = 0; i < shape.rank(); ++i) to = fmt::format_to(to, "{}{}", i ? ", " : "", shape[i]);
  return fmt::format_to(to, "]");
}
