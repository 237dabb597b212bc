// A picture in memory, and which rows of data are pictures.
#pragma once

#include <diabolo/tensor/shape.h>

#include <cstdint>
#include <vector>

namespace diabolo {

/// 8 bits a channel, rows from the top, channels interleaved.
struct Picture {
  int width = 0;
  int height = 0;
  int channels = 1;                  ///< 1 grey, 3 red green blue
  std::vector<std::uint8_t> pixels;  ///< [height, width, channels]
};

/// The most pixels of one picture, read or written: 8192 x 8192.
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 26;

/// Whether a row of this shape is a picture: [H, W], [H, W, 1] or [H, W, 3].
inline bool is_image_shape(const Shape& row_shape) {
  return row_shape.rank() == 2 ||
         (row_shape.rank() == 3 && (row_shape[2] == 1 || row_shape[2] == 3));
}

}  // namespace diabolo
