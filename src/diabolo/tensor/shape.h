// A shape: up to six dimensions, row-major, the last one contiguous. A scalar has rank 0.
#pragma once

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace diabolo {

inline constexpr int kMaxRank = 6;

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims);
  explicit Shape(std::span<const std::int64_t> dims);

  int rank() const noexcept { return rank_; }
  /// Dimension i; negative i counts from the end. No check.
  std::int64_t operator[](int i) const noexcept {
    return dims_[static_cast<std::size_t>(i < 0 ? i + rank_ : i)];
  }
  std::span<const std::int64_t> dims() const noexcept {
    return {dims_.data(), static_cast<std::size_t>(rank_)};
  }
  /// Number of elements; 1 for a scalar.
  std::int64_t size() const noexcept;
  /// The same shape with dimension `i` set to `n`.
  Shape with(int i, std::int64_t n) const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

/// The shape that both broadcast to (NumPy's rule: aligned at the end, 1 stretches).
/// Throws `shape` naming `where` if there is none.
Shape broadcast_shapes(const Shape& a, const Shape& b, std::string_view where);

}  // namespace diabolo

/// "[128, 784]"; "[]" for a scalar.
template <>
struct fmt::formatter<diabolo::Shape> {
  static constexpr auto parse(format_parse_context& context) { return context.begin(); }
  static format_context::iterator format(const diabolo::Shape& shape, format_context& context);
};
