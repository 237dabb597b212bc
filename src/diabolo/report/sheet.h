// Many pictures in one, each made small: what a page shows them from.
#pragma once

#include <diabolo/data/picture.h>

#include <utility>

namespace diabolo {

/// Width and height of a picture of `row_shape` whose longer side is `side` at most.
std::pair<int, int> shrunk_size(const Shape& row_shape, int side);

/// `rows` [n, ...] f32 as pictures, `across` in a line, none longer than `side`: means of their
/// pixels, of which each is a multiple of `step` (1: any byte; fewer compress better).
Picture sheet_of(const Tensor& rows, const Shape& row_shape, const GridOptions& range,
                 std::size_t across, int side, int step = 1);

}  // namespace diabolo
