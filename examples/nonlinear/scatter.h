// A picture of points in colours, as an array that `write` makes a PNG of.
#pragma once

#include <diabolo/tensor/tensor.h>

#include <algorithm>
#include <array>
#include <cmath>

using Colour = std::array<std::uint8_t, 3>;  // red, green, blue
inline constexpr Colour kBlue{31, 119, 180}, kRed{214, 39, 40};

/// A share of the way from one to the other.
inline Colour between(const Colour& from, const Colour& to, double share) {
  share = std::clamp(share, 0.0, 1.0);
  Colour colour;
  for (std::size_t i = 0; i < 3; ++i)
    colour[i] = static_cast<std::uint8_t>(std::lround(from[i] + share * (to[i] - from[i])));
  return colour;
}

class Scatter {
 public:
  Scatter(std::int64_t width, std::int64_t height, double left, double right, double bottom,
          double top)
      : width_(width),
        height_(height),
        left_(left),
        right_(right),
        bottom_(bottom),
        top_(top),
        pixels_(diabolo::DType::u8, {1, height, width, 3}) {
    std::fill(pixels_.as<std::uint8_t>().begin(), pixels_.as<std::uint8_t>().end(),
              std::uint8_t{255});
  }

  /// A dot of 3 x 3 pixels.
  void add(double x, double y, const Colour& colour) {
    const auto column = std::lround((x - left_) / (right_ - left_) * static_cast<double>(width_));
    const auto row = std::lround((top_ - y) / (top_ - bottom_) * static_cast<double>(height_));
    for (std::int64_t r = row - 1; r <= row + 1; ++r)
      for (std::int64_t c = column - 1; c <= column + 1; ++c) {
        if (r < 0 || r >= height_ || c < 0 || c >= width_) continue;
        const auto at = static_cast<std::size_t>(3 * (r * width_ + c));
        std::copy(colour.begin(), colour.end(),
                  pixels_.as<std::uint8_t>().begin() + static_cast<std::ptrdiff_t>(at));
      }
  }
  /// Rows of two numbers.
  void add(const diabolo::Tensor& points, const Colour& colour) {
    const auto numbers = points.as<float>();
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) add(numbers[i], numbers[i + 1], colour);
  }

  /// [1, H, W, 3], to be taken once.
  diabolo::Tensor finish() { return std::move(pixels_); }

 private:
  std::int64_t width_, height_;
  double left_, right_, bottom_, top_;
  diabolo::Tensor pixels_;
};
