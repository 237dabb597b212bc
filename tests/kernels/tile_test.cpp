// Tile kernels: every mask of scalar inputs, writing in place, the order of sums, and the same bits
// at every level.
#include <diabolo/kernels/tile.h>
#include <diabolo/ops/ops.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace diabolo::kernels {
namespace {

// Numbers of many sizes and both signs, and the special ones.
std::vector<float> numbers(std::size_t n, unsigned seed) {
  const float special[] = {0.0f,
                           -0.0f,
                           1.0f,
                           -1.0f,
                           1e-40f,
                           1e30f,
                           -1e30f,
                           88.0f,
                           -104.0f,
                           std::numeric_limits<float>::infinity(),
                           -std::numeric_limits<float>::infinity(),
                           std::numeric_limits<float>::quiet_NaN()};
  std::vector<float> values;
  std::uint32_t state = seed;
  for (std::size_t i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    const float unit = static_cast<float>(state >> 9) * 0x1p-23f;
    values.push_back(i % 17 == 5 ? special[(state >> 20) % 12]
                                 : std::ldexp(unit - 0.5f, static_cast<int>(state >> 4) % 12));
  }
  return values;
}

bool same(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) || (a != a && b != b);
}

std::vector<const ops::PointwiseOp*> pointwise_ops() {
  std::vector<const ops::PointwiseOp*> result;
  for (const Op* op : ops::all_ops())
    if (const auto* p = dynamic_cast<const ops::PointwiseOp*>(op)) result.push_back(p);
  return result;
}

TEST(TileKernels, equal_the_scalar_op_for_every_mask_level_and_length) {
  for (const ops::PointwiseOp* op : pointwise_ops())
    for (int mask = 0; mask < 1 << op->arity(); ++mask)
      for (const std::int64_t n : {1, 7, 16, 33, 512}) {
        std::vector<float> in[kMaxArity];
        const float* pointers[kMaxArity] = {};
        for (int k = 0; k < op->arity(); ++k) {
          in[k] = numbers(static_cast<std::size_t>(n), 7u + static_cast<unsigned>(k));
          pointers[k] = in[k].data();
        }
        for (const Level level : available_levels()) {
          std::vector<float> out(static_cast<std::size_t>(n) + 1, 77.0f);
          pointwise_kernel(tile_kernels(level), *op, mask)(out.data(), pointers, n);
          EXPECT_EQ(out.back(), 77.0f);
          for (std::size_t i = 0; i + 1 < out.size(); ++i) {
            float x[kMaxArity];
            for (int k = 0; k < op->arity(); ++k) x[k] = in[k][mask >> k & 1 ? 0 : i];
            const float expected = op->evaluate(x);
            ASSERT_TRUE(same(out[i], expected))
                << op->name() << " of " << x[0] << " at " << name(level) << ", mask " << mask
                << ": " << out[i] << " and " << expected;
          }
        }
      }
}

TEST(TileKernels, may_write_over_an_input) {
  for (const ops::PointwiseOp* op : pointwise_ops())
    for (int target = 0; target < op->arity(); ++target) {
      std::vector<float> in[kMaxArity];
      const float* pointers[kMaxArity] = {};
      for (int k = 0; k < op->arity(); ++k) {
        in[k] = numbers(100, 3u + static_cast<unsigned>(k));
        pointers[k] = in[k].data();
      }
      std::vector<float> out(100);
      const auto kernel = pointwise_kernel(tile_kernels(best_level()), *op, 0);
      kernel(out.data(), pointers, 100);
      kernel(in[target].data(), pointers, 100);
      for (std::size_t i = 0; i < 100; ++i)
        ASSERT_TRUE(same(in[target][i], out[i])) << op->name() << " over input " << target;
    }
}

// The order that `numerics: 1` fixes, written plainly.
float documented_sum(const float* x, std::int64_t n) {
  float lanes[kLanes] = {};
  for (std::int64_t i = 0; i < n; ++i) lanes[i % kLanes] += x[i];
  for (int width = 8; width >= 1; width /= 2)
    for (int l = 0; l < width; ++l) lanes[l] += lanes[l + width];
  return lanes[0];
}

TEST(TileKernels, sums_follow_the_documented_order) {
  for (const Level level : available_levels())
    for (const std::int64_t columns : {1, 15, 16, 17, 33, 100, 511}) {
      std::vector<float> x(static_cast<std::size_t>(3 * columns));
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i)) + 0.1f;
      float rows[3];
      tile_kernels(level).add_rows(rows, x.data(), 3, columns);
      for (int r = 0; r < 3; ++r)
        EXPECT_EQ(rows[r], documented_sum(x.data() + r * columns, columns));

      // A long row in pieces of whole lanes is the same sum.
      float lanes[kLanes] = {};
      const std::int64_t first = columns / 32 * 16;
      tile_kernels(level).add_lanes(lanes, x.data(), first);
      tile_kernels(level).add_lanes(lanes, x.data() + first, columns - first);
      EXPECT_EQ(tile_kernels(level).fold_add(lanes), rows[0]);

      std::vector<float> sums(static_cast<std::size_t>(columns));
      tile_kernels(level).add_columns(sums.data(), x.data(), 3, columns);
      for (std::int64_t c = 0; c < columns; ++c) {
        const auto at = static_cast<std::size_t>(c), stride = static_cast<std::size_t>(columns);
        EXPECT_EQ(sums[at], ((0.0f + x[at]) + x[at + stride]) + x[at + 2 * stride]);
      }
    }
}

TEST(TileKernels, sums_of_short_rows_follow_the_documented_order) {
  for (const Level level : available_levels())
    for (std::int64_t columns = 1; columns <= 18; ++columns)
      for (const std::int64_t rows : {1, 2, 5, 15, 16, 17, 40}) {
        std::vector<float> x(static_cast<std::size_t>(rows * columns));
        for (std::size_t i = 0; i < x.size(); ++i)
          x[i] = i % 7 == 0 ? -0.0f : std::sin(static_cast<float>(i)) + 0.1f;
        std::vector<float> sums(static_cast<std::size_t>(rows)), most = sums;
        tile_kernels(level).add_rows(sums.data(), x.data(), rows, columns);
        tile_kernels(level).max_rows(most.data(), x.data(), rows, columns);
        std::vector<float> over(static_cast<std::size_t>(columns), 0.5f), expected = over;
        tile_kernels(level).add_columns(over.data(), x.data(), rows, columns);
        for (std::size_t r = 0; r < sums.size(); ++r) {
          const float* const row = x.data() + static_cast<std::int64_t>(r) * columns;
          EXPECT_TRUE(same(sums[r], documented_sum(row, columns))) << rows << "x" << columns;
          EXPECT_EQ(most[r], *std::max_element(row, row + columns)) << rows << "x" << columns;
          for (std::size_t c = 0; c < over.size(); ++c) expected[c] += row[c];
        }
        EXPECT_EQ(over, expected) << rows << "x" << columns;
      }
}

TEST(TileKernels, largest_entries_keep_a_nan_wherever_it_lies) {
  for (const Level level : available_levels())
    for (std::size_t place = 0; place < 40; ++place) {
      std::vector<float> x(40, 1.0f);
      float result = 0;
      tile_kernels(level).max_rows(&result, x.data(), 1, 40);
      EXPECT_EQ(result, 1.0f);
      x[place] = std::numeric_limits<float>::quiet_NaN();
      tile_kernels(level).max_rows(&result, x.data(), 1, 40);
      EXPECT_TRUE(std::isnan(result)) << place;
    }
}

TEST(TileKernels, casts_are_exact) {
  std::vector<std::uint8_t> bytes(256);
  std::vector<std::int32_t> whole(256);
  for (std::size_t i = 0; i < 256; ++i) {
    bytes[i] = static_cast<std::uint8_t>(i);
    whole[i] = static_cast<std::int32_t>(i) * 65536 - 8388608;
  }
  for (const Level level : available_levels()) {
    std::vector<float> a(256), b(256);
    tile_kernels(level).from_u8(a.data(), bytes.data(), 256);
    tile_kernels(level).from_i32(b.data(), whole.data(), 256);
    for (std::size_t i = 0; i < 256; ++i) {
      EXPECT_EQ(a[i], static_cast<float>(i));
      EXPECT_EQ(b[i], static_cast<float>(whole[i]));
    }
  }
}

}  // namespace
}  // namespace diabolo::kernels
