// Noise is a function of where it is used and nothing else: the layout of base/random.h, element by
// element; its statistics; and the hash that pins its bits.
#include <diabolo/base/math.h>
#include <diabolo/base/random.h>
#include <diabolo/kernels/tile.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace diabolo::kernels {
namespace {

struct Site {
  std::uint64_t seed = 11, pass = 3;
  Stream stream = Stream::train;
  std::uint32_t draw = 2, first_column = 8;
};

std::vector<std::uint64_t> keys_of(std::int64_t rows) {
  std::vector<std::uint64_t> keys;
  for (std::int64_t r = 0; r < rows; ++r)
    keys.push_back(static_cast<std::uint64_t>(r) * 0x9E3779B97F4A7C15ull + 1);
  return keys;
}

template <class T>
std::vector<T> make(const TileKernels<T>& kernels, const std::vector<std::uint64_t>& keys,
                    std::int64_t columns, bool normal, const Site& site = {}) {
  std::vector<T> out(keys.size() * static_cast<std::size_t>(columns), T(-9));
  kernels.noise(out.data(), {.keys = keys.data(),
                             .rows = static_cast<std::int64_t>(keys.size()),
                             .columns = columns,
                             .key = philox_key(site.seed, site.pass),
                             .stream = static_cast<std::uint32_t>(site.stream),
                             .draw = site.draw,
                             .first_column = site.first_column,
                             .normal = normal});
  return out;
}

float uniform_at(const Site& site, std::uint64_t row, std::int64_t column) {
  const auto bits = random_bits({site.seed, site.stream, site.pass, row, site.draw},
                                site.first_column + static_cast<std::uint64_t>(column));
  return (static_cast<float>(bits >> 9) + 0.5f) * 0x1p-23f;
}

float normal_at(const Site& site, std::uint64_t row, std::int64_t column) {
  const std::int64_t pair = column / 2 * 2;
  const float radius = math::sqrt(-2.0f * math::log(uniform_at(site, row, pair)));
  const float turn = uniform_at(site, row, pair + 1);
  return radius * (column == pair ? math::cos_2pi(turn) : math::sin_2pi(turn));
}

TEST(Noise, lies_as_documented_at_every_level_and_width) {
  const Site site;
  for (const Level level : available_levels())
    for (const std::int64_t columns : {1, 2, 3, 4, 5, 7, 20, 33, 63, 64, 65, 100, 384, 513})
      for (const std::int64_t rows : {1, 2, 25}) {
        const auto keys = keys_of(rows);
        const auto uniform = make(tile_kernels(level), keys, columns, false);
        const auto normal = make(tile_kernels(level), keys, columns, true);
        for (std::int64_t r = 0; r < rows; ++r)
          for (std::int64_t c = 0; c < columns; ++c) {
            const auto i = static_cast<std::size_t>(r * columns + c);
            const std::uint64_t key = keys[static_cast<std::size_t>(r)];
            ASSERT_EQ(uniform[i], uniform_at(site, key, c)) << rows << "x" << columns << " " << i;
            ASSERT_EQ(normal[i], normal_at(site, key, c)) << rows << "x" << columns << " " << i;
          }
      }
}

TEST(Noise, in_double_is_the_same_to_rounding) {
  const auto keys = keys_of(9);
  const auto narrow = make(tile_kernels(Level::v2), keys, 21, true);
  const auto wide = make(oracle_kernels(), keys, 21, true);
  for (std::size_t i = 0; i < narrow.size(); ++i)
    EXPECT_NEAR(static_cast<double>(narrow[i]), wide[i], 2e-6);
}

TEST(Noise, does_not_write_past_its_tile) {
  const auto keys = keys_of(3);
  for (const std::int64_t columns : {1, 6, 20, 67}) {
    std::vector<float> out(static_cast<std::size_t>(3 * columns) + 64, 7.0f);
    tile_kernels(best_level())
        .noise(out.data(), {.keys = keys.data(),
                            .rows = 3,
                            .columns = columns,
                            .key = 1,
                            .stream = 0,
                            .draw = 0,
                            .first_column = 0,
                            .normal = true});
    for (std::size_t i = static_cast<std::size_t>(3 * columns); i < out.size(); ++i)
      ASSERT_EQ(out[i], 7.0f);
  }
}

double mean_of(const std::vector<float>& x, auto f) {
  double total = 0;
  for (const float v : x) total += f(static_cast<double>(v));
  return total / static_cast<double>(x.size());
}

// A million numbers: a moment is off by more than five standard errors once in a million seeds.
TEST(Noise, uniform_numbers_have_the_moments_of_the_unit_interval) {
  const auto x = make(tile_kernels(best_level()), keys_of(1000), 1000, false);
  const double error = 5 / std::sqrt(static_cast<double>(x.size()));
  EXPECT_NEAR(mean_of(x, [](double v) { return v; }), 0.5, error * std::sqrt(1.0 / 12));
  EXPECT_NEAR(mean_of(x, [](double v) { return v * v; }), 1.0 / 3, error * std::sqrt(4.0 / 45));
  EXPECT_GT(*std::min_element(x.begin(), x.end()), 0.0f);
  EXPECT_LT(*std::max_element(x.begin(), x.end()), 1.0f);
}

TEST(Noise, normal_numbers_have_the_moments_of_a_standard_normal) {
  const auto x = make(tile_kernels(best_level()), keys_of(1000), 1000, true);
  const double error = 5 / std::sqrt(static_cast<double>(x.size()));
  EXPECT_NEAR(mean_of(x, [](double v) { return v; }), 0, error);
  EXPECT_NEAR(mean_of(x, [](double v) { return v * v; }), 1, error * std::sqrt(2.0));
  EXPECT_NEAR(mean_of(x, [](double v) { return v * v * v; }), 0, error * std::sqrt(15.0));
  EXPECT_NEAR(mean_of(x, [](double v) { return v * v * v * v; }), 3, error * std::sqrt(96.0));
  EXPECT_NEAR(mean_of(x, [](double v) { return std::abs(v) < 1 ? 1 : 0; }), 0.6826895, error * 0.5);
}

double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    total += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return total / static_cast<double>(a.size());
}

TEST(Noise, columns_rows_draws_passes_streams_and_seeds_are_independent) {
  const auto keys = keys_of(500);
  const auto& kernels = tile_kernels(best_level());
  const auto x = make(kernels, keys, 400, true);
  const double error = 5 / std::sqrt(static_cast<double>(x.size()));
  std::vector<float> shifted(x.begin() + 1, x.end());  // the next column
  shifted.push_back(x[0]);
  EXPECT_NEAR(correlation(x, shifted), 0, error);
  std::vector<float> below(x.begin() + 400, x.end());  // the next row
  below.insert(below.end(), x.begin(), x.begin() + 400);
  EXPECT_NEAR(correlation(x, below), 0, error);
  for (const Site& other : {Site{.seed = 12}, Site{.pass = 4}, Site{.stream = Stream::eval},
                            Site{.draw = 3}, Site{.first_column = 408}})
    EXPECT_NEAR(correlation(x, make(kernels, keys, 400, true, other)), 0, error);
}

TEST(Noise, a_tile_of_later_columns_goes_on_where_the_first_ended) {
  const auto keys = keys_of(1);
  const auto whole = make(tile_kernels(best_level()), keys, 784, true, {.first_column = 0});
  const auto right = make(tile_kernels(best_level()), keys, 384, true, {.first_column = 400});
  EXPECT_TRUE(std::equal(right.begin(), right.end(), whole.begin() + 400));
}

// `numerics: 1`: this number changes only together with the version.
TEST(Noise, has_the_committed_bits) {
  std::uint64_t hash = 14695981039346656037ull;  // FNV-1a
  for (const bool normal : {false, true})
    for (const float v : make(tile_kernels(best_level()), keys_of(40), 101, normal)) {
      unsigned char bytes[4];
      std::memcpy(bytes, &v, 4);
      for (const unsigned char b : bytes) hash = (hash ^ b) * 1099511628211ull;
    }
  EXPECT_EQ(hash, 13262072263433541166u);
}

}  // namespace
}  // namespace diabolo::kernels
