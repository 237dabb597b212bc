#include <diabolo/data/grid.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

constexpr std::int64_t kComfortable = 56;  // pixels along the longer side of a picture in a grid

int channels_of(const Shape& row_shape) {
  return row_shape.rank() == 3 && row_shape[2] == 3 ? 3 : 1;
}

void check_rows(const Tensor& rows, const Shape& row_shape) {
  check(is_image_shape(row_shape) && row_shape.size() > 0, ErrorCode::shape, "picture",
        "expected rows that are pictures, [H, W], [H, W, 1] or [H, W, 3], got rows of shape {}; "
        "write .npy or .csv",
        row_shape);
  check(rows.shape().rank() >= 1 && rows.rows() >= 1 && rows.row_size() == row_shape.size(),
        ErrorCode::shape, "picture", "expected at least one row of {} numbers, got shape {}",
        row_shape.size(), rows.shape());
  check(rows.dtype() == DType::u8 || rows.dtype() == DType::f32, ErrorCode::invalid_argument,
        "picture", "expected u8 or f32 pixels, got {}; convert them", name(rows.dtype()));
}

std::uint8_t shade(float value, float low, float high) {
  const float x = (value - low) / (high - low);
  if (!(x > 0.0f)) return 0;  // NaN too
  return static_cast<std::uint8_t>(std::lround(std::min(x, 1.0f) * 255.0f));
}

/// Where the pictures of a grid are: cells of one size, `padding` around each.
struct Layout {
  std::int64_t height, width, channels, columns, lines, scale, padding;

  std::int64_t cell_width() const { return width * scale + padding; }
  std::int64_t cell_height() const { return height * scale + padding; }
  std::int64_t total_width() const { return columns * cell_width() + padding; }
  std::int64_t total_height() const { return lines * cell_height() + padding; }
  bool fits() const {  // in double: asked before we know that the product fits in an integer
    return static_cast<double>(total_width()) * static_cast<double>(total_height()) <=
           static_cast<double>(kMaxPixels);
  }
};

Layout make_layout(std::int64_t count, std::int64_t lines_each, const Shape& row_shape,
                   const GridOptions& options) {
  check(options.columns >= 0 && options.padding >= 0 && options.padding <= 1000 &&
            options.scale >= 0 && options.scale <= 1000 && options.low < options.high,
        ErrorCode::invalid_argument, "picture",
        "expected columns, padding and scale from 0 up to 1000 and low < high, got {}, {}, {}, {} "
        "and {}",
        options.columns, options.padding, options.scale, options.low, options.high);
  std::int64_t columns = options.columns;
  if (columns == 0)
    columns = std::llround(std::ceil(std::sqrt(static_cast<double>(count * lines_each))));
  columns = std::min(columns, count);
  const std::int64_t side = std::max(row_shape[0], row_shape[1]);
  Layout layout{.height = row_shape[0],
                .width = row_shape[1],
                .channels = channels_of(row_shape),
                .columns = columns,
                .lines = (count + columns - 1) / columns * lines_each,
                .scale = options.scale,
                .padding = options.padding};
  if (options.scale == 0) {
    layout.scale = (kComfortable + side - 1) / side;
    while (layout.scale > 1 && !layout.fits()) --layout.scale;
  }
  check(side <= kMaxPixels && layout.fits(), ErrorCode::invalid_argument, "picture",
        "expected a grid of at most {} pixels, got {} pictures of shape {}; choose fewer rows, or "
        "write a folder of pictures",
        kMaxPixels, count, row_shape);
  return layout;
}

Picture blank(const Layout& layout, std::uint8_t background) {
  Picture picture{static_cast<int>(layout.total_width()),
                  static_cast<int>(layout.total_height()),
                  static_cast<int>(layout.channels),
                  {}};
  picture.pixels.assign(
      static_cast<std::size_t>(layout.total_width() * layout.total_height() * layout.channels),
      background);
  return picture;
}

/// Draws row `index` at a cell, each pixel `scale` times in both directions.
void draw(Picture& to, const Layout& layout, std::int64_t line, std::int64_t column,
          const Picture& from) {
  const auto channels = static_cast<std::size_t>(layout.channels);
  const auto scale = static_cast<std::size_t>(layout.scale);
  const auto width = static_cast<std::size_t>(from.width) * scale;
  const auto height = static_cast<std::size_t>(from.height) * scale;
  const auto left = static_cast<std::size_t>(layout.padding + column * layout.cell_width());
  const auto top = static_cast<std::size_t>(layout.padding + line * layout.cell_height());
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* in =
        from.pixels.data() + y / scale * static_cast<std::size_t>(from.width) * channels;
    std::uint8_t* out =
        to.pixels.data() + ((top + y) * static_cast<std::size_t>(to.width) + left) * channels;
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c) *out++ = in[x / scale * channels + c];
  }
}

}  // namespace

Picture picture_of_row(const Tensor& rows, std::int64_t index, const Shape& row_shape,
                       const GridOptions& options) {
  check_rows(rows, row_shape);
  check(index >= 0 && index < rows.rows() && row_shape.size() <= kMaxPixels * 3,
        ErrorCode::invalid_argument, "picture", "expected a row below {}, got {}", rows.rows(),
        index);
  Picture picture{static_cast<int>(row_shape[1]), static_cast<int>(row_shape[0]),
                  channels_of(row_shape),
                  std::vector<std::uint8_t>(static_cast<std::size_t>(row_shape.size()))};
  const auto first = static_cast<std::size_t>(index) * picture.pixels.size();
  if (rows.dtype() == DType::u8) {
    const auto values = rows.as<std::uint8_t>().subspan(first, picture.pixels.size());
    std::copy(values.begin(), values.end(), picture.pixels.begin());
  } else {
    const auto values = rows.as<float>().subspan(first, picture.pixels.size());
    std::transform(values.begin(), values.end(), picture.pixels.begin(),
                   [&](float value) { return shade(value, options.low, options.high); });
  }
  return picture;
}

Picture grid(const Tensor& rows, const Shape& row_shape, const GridOptions& options) {
  check_rows(rows, row_shape);
  const Layout layout = make_layout(rows.rows(), 1, row_shape, options);
  Picture picture = blank(layout, options.background);
  for (std::int64_t i = 0; i < rows.rows(); ++i)
    draw(picture, layout, i / layout.columns, i % layout.columns,
         picture_of_row(rows, i, row_shape, options));
  return picture;
}

Picture grid_of_pairs(const Tensor& above, const Tensor& below, const Shape& row_shape,
                      const GridOptions& options) {
  check_rows(above, row_shape);
  check_rows(below, row_shape);
  check(above.rows() == below.rows(), ErrorCode::shape, "picture",
        "expected as many originals as reconstructions, got {} and {}", above.rows(), below.rows());
  const Layout layout = make_layout(above.rows(), 2, row_shape, options);
  Picture picture = blank(layout, options.background);
  for (std::int64_t i = 0; i < above.rows(); ++i) {
    const std::int64_t line = i / layout.columns * 2;
    const std::int64_t column = i % layout.columns;
    draw(picture, layout, line, column, picture_of_row(above, i, row_shape, options));
    draw(picture, layout, line + 1, column, picture_of_row(below, i, row_shape, options));
  }
  return picture;
}

}  // namespace diabolo
