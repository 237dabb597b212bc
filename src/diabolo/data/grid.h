// Rows of data as pictures: one alone, all in a grid, originals above their reconstructions.
#pragma once

#include <diabolo/data/picture.h>
#include <diabolo/tensor/tensor.h>

namespace diabolo {

struct GridOptions {
  int columns = 0;    ///< 0: about the square root of the number of rows
  int padding = 2;    ///< pixels around and between the pictures, after scaling
  int scale = 0;      ///< whole factor; 0: small pictures grow to 56 pixels or more (28 x 28 by 2)
  float low = 0.0f;   ///< what floats become black (u8 values are taken as they are) ...
  float high = 1.0f;  ///< ... and what white; beyond them is clamped, NaN is black
  std::uint8_t background = 255;  ///< of the padding and of empty places
};

/// Row `index` of [N, D] (u8 or f32), unscaled. `row_shape` must be a picture's. Throws `shape`.
Picture picture_of_row(const Tensor& rows, std::int64_t index, const Shape& row_shape,
                       const GridOptions& options = {});

/// All rows of [N, D], N >= 1, from left to right and down. Throws `shape`; `invalid_argument` if
/// the grid would be larger than kMaxPixels.
Picture grid(const Tensor& rows, const Shape& row_shape, const GridOptions& options = {});

/// Each line of `above` with the same line of `below` under it: originals and reconstructions.
/// Both [N, D], of either type. Throws as `grid` does.
Picture grid_of_pairs(const Tensor& above, const Tensor& below, const Shape& row_shape,
                      const GridOptions& options = {});

}  // namespace diabolo
