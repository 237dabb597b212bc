#include <diabolo/report/sheet.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

Picture shrink(const Picture& picture, int width, int height, int step) {
  Picture small{.width = width, .height = height, .channels = picture.channels, .pixels = {}};
  small.pixels.resize(static_cast<std::size_t>(width * height * small.channels));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < small.channels; ++c) {
        const int top = y * picture.height / height, left = x * picture.width / width;
        const int bottom = std::max(top + 1, (y + 1) * picture.height / height);
        const int right = std::max(left + 1, (x + 1) * picture.width / width);
        int sum = 0;
        for (int i = top; i < bottom; ++i)
          for (int j = left; j < right; ++j)
            sum += picture.pixels[static_cast<std::size_t>(
                (i * picture.width + j) * picture.channels + c)];
        const int mean = sum / ((bottom - top) * (right - left));
        small.pixels[static_cast<std::size_t>((y * width + x) * small.channels + c)] =
            static_cast<std::uint8_t>((mean + step / 2) / step * step);
      }
  return small;
}

void paste(const Picture& small, std::size_t at, std::size_t across, Picture& sheet) {
  const auto width = static_cast<std::size_t>(small.width * small.channels);
  const std::size_t stride = static_cast<std::size_t>(sheet.width * sheet.channels);
  const std::size_t top = at / across * static_cast<std::size_t>(small.height);
  for (std::size_t y = 0; y < static_cast<std::size_t>(small.height); ++y)
    std::copy_n(small.pixels.begin() + static_cast<std::ptrdiff_t>(y * width), width,
                sheet.pixels.begin() +
                    static_cast<std::ptrdiff_t>((top + y) * stride + at % across * width));
}

}  // namespace

std::pair<int, int> shrunk_size(const Shape& row_shape, int side) {
  const auto height = static_cast<double>(row_shape[0]), width = static_cast<double>(row_shape[1]);
  const double scale = std::min(1.0, side / std::max(width, height));
  const auto fit = [&](double n) { return std::max(1, static_cast<int>(std::lround(n * scale))); };
  return {fit(width), fit(height)};
}

Picture sheet_of(const Tensor& rows, const Shape& row_shape, const GridOptions& range,
                 std::size_t across, int side, int step) {
  const auto n = static_cast<std::size_t>(rows.rows());
  const auto [width, height] = shrunk_size(row_shape, side);
  Picture sheet;
  for (std::size_t i = 0; i < n; ++i) {
    const Picture whole = picture_of_row(rows, static_cast<std::int64_t>(i), row_shape, range);
    if (i == 0) {
      sheet = {.width = width * static_cast<int>(std::min(across, n)),
               .height = height * static_cast<int>((n + across - 1) / across),
               .channels = whole.channels,
               .pixels = {}};
      sheet.pixels.resize(static_cast<std::size_t>(sheet.width * sheet.height * sheet.channels));
    }
    paste(shrink(whole, width, height, step), i, across, sheet);
  }
  return sheet;
}

}  // namespace diabolo
