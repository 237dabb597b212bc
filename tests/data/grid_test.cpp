#include <diabolo/data/grid.h>
#include <diabolo/data/png.h>

#include <limits>

#include "files.h"

namespace diabolo {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Tensor bytes(const Shape& shape, std::vector<std::uint8_t> values) {
  return Tensor::of<std::uint8_t>(shape, values);
}

TEST(Grid, lays_rows_from_left_to_right_and_down) {
  const Picture picture = grid(bytes({3, 1}, {10, 20, 30}), {1, 1},
                               {.columns = 2, .padding = 1, .scale = 1, .background = 9});
  EXPECT_EQ(picture.width, 5);
  EXPECT_EQ(picture.height, 5);
  EXPECT_EQ(picture.pixels, (std::vector<std::uint8_t>{9, 9,  9, 9,  9,  //
                                                       9, 10, 9, 20, 9,  //
                                                       9, 9,  9, 9,  9,  //
                                                       9, 30, 9, 9,  9,  //
                                                       9, 9,  9, 9,  9}));
}

TEST(Grid, scales_every_pixel_and_keeps_colours) {
  const Picture picture =
      grid(bytes({1, 6}, {1, 2, 3, 4, 5, 6}), {1, 2, 3}, {.padding = 0, .scale = 2});
  EXPECT_EQ(picture.channels, 3);
  EXPECT_EQ(picture.pixels, (std::vector<std::uint8_t>{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6,  //
                                                       1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}));
}

TEST(Grid, small_pictures_grow_and_large_ones_stay) {
  EXPECT_EQ(grid(Tensor(DType::u8, {4, 784}), {28, 28}).width, 2 * (56 + 2) + 2);
  EXPECT_EQ(grid(Tensor(DType::u8, {4, 4096}), {64, 64}).width, 2 * (64 + 2) + 2);
}

TEST(Grid, floats_are_clamped_to_their_range_and_nan_is_black) {
  const std::vector<float> values{-1, 0, 0.5f, 1, 2, kNan};
  const Tensor rows = Tensor::of<float>({1, 6}, values);
  EXPECT_EQ(picture_of_row(rows, 0, {1, 6}).pixels,
            (std::vector<std::uint8_t>{0, 0, 128, 255, 255, 0}));
  EXPECT_EQ(picture_of_row(rows, 0, {1, 6}, {.low = -1, .high = 1}).pixels,
            (std::vector<std::uint8_t>{0, 128, 191, 255, 255, 0}));
}

TEST(Grid, pairs_stand_one_above_the_other) {
  const std::vector<float> below{0, 1, 0};
  const Picture picture =
      grid_of_pairs(bytes({3, 1}, {10, 20, 30}), Tensor::of<float>({3, 1}, below), {1, 1},
                    {.columns = 2, .padding = 0, .scale = 1});
  EXPECT_EQ(picture.width, 2);
  EXPECT_EQ(picture.pixels, (std::vector<std::uint8_t>{10, 20, 0, 255, 30, 255, 0, 255}));
}

TEST(Grid, refuses_what_is_no_picture_or_too_large) {
  expect_error(ErrorCode::shape, "rows of shape [5]", [] { grid(Tensor(DType::u8, {1, 5}), {5}); });
  expect_error(ErrorCode::shape, "expected at least one row of 4 numbers",
               [] { grid(Tensor(DType::u8, {1, 5}), {2, 2}); });
  expect_error(ErrorCode::shape, "got shape [0, 4]",
               [] { grid(Tensor(DType::u8, {0, 4}), {2, 2}); });
  expect_error(ErrorCode::invalid_argument, "at most 67108864 pixels",
               [] { grid(Tensor(DType::u8, {100, 4}), {2, 2}, {.scale = 1000}); });
  expect_error(ErrorCode::shape, "as many originals",
               [] { grid_of_pairs(Tensor(DType::u8, {1, 4}), Tensor(DType::u8, {2, 4}), {2, 2}); });
}

TEST(Grid, many_pictures_shrink_to_fit) {
  const Picture picture = grid(Tensor(DType::u8, {20000, 784}), {28, 28});
  EXPECT_EQ(picture.width, 142 * 30 + 2);
}

TEST(Png, the_same_picture_gives_the_same_bytes) {
  const Picture picture = grid(Tensor(DType::u8, {3, 4}), {2, 2});
  EXPECT_EQ(encode_png(picture), encode_png(picture));
}

}  // namespace
}  // namespace diabolo
