// Any number of rows through plans of a few sizes.
#include <diabolo/models/row_program.h>
#include <diabolo/ops/ops.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace diabolo {
namespace {

// y = sum_w relu(x w) of weights 0, 1/width, ...: a step must write [B, width].
std::int64_t widest_chunk(std::int64_t width, std::int64_t rows, std::vector<float>& y) {
  const RowProgram program(
      [&](Graph& graph, std::int64_t B) {
        std::vector<double> w(static_cast<std::size_t>(width));
        std::iota(w.begin(), w.end(), 0.0);
        for (double& v : w) v /= static_cast<double>(width);
        const Var x = input(graph, "x", DType::f32, {B, 1});
        const Var wide = relu(matmul(x, constant(graph, {1, width}, w)));
        return std::vector<Output>{{sum(wide * wide, {-1}), "y", 0}};
      },
      {});
  y.assign(static_cast<std::size_t>(rows), 0);
  std::int64_t widest = 0;
  program.run(
      rows, nullptr, nullptr, {}, nullptr,
      [&](RowProgram::Chunk& chunk) {
        widest = std::max(widest, chunk.capacity);
        for (std::int64_t r = 0; r < chunk.rows; ++r)
          chunk.get<float>("x")[static_cast<std::size_t>(r)] = static_cast<float>(chunk.first + r);
      },
      [&](RowProgram::Chunk& chunk) {
        std::copy_n(chunk.get<float>("y").begin(), chunk.rows, y.begin() + chunk.first);
      });
  return widest;
}

TEST(RowProgram, wide_rows_have_small_chunks) {
  std::vector<float> y;
  EXPECT_EQ(widest_chunk(100, 300, y), RowProgram::kChunk);
  const std::int64_t width = 40'000;  // 160 kB a row
  const std::int64_t widest = widest_chunk(width, 70, y);
  EXPECT_LE(widest * width * 4, static_cast<std::int64_t>(RowProgram::kMostBytes));
  EXPECT_GE(widest, 8);
  for (std::size_t row = 0; row < y.size(); ++row)
    EXPECT_NEAR(y[row], static_cast<double>(row * row * width) / 3,
                1e-4 * static_cast<double>(row * row * width));
}

}  // namespace
}  // namespace diabolo
