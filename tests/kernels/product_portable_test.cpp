#include <diabolo/base/error.h>
#include <diabolo/base/hash.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "product_reference.h"

namespace diabolo::kernels {
namespace {

constexpr std::int64_t kSides[] = {1, 2, 3, 5, 7, 15, 16, 17, 31, 33, 64, 100};

template <class T>
void expect_same_bits(const ProductSpec& s) {
  const Operands<T> in(s);
  const auto wanted = reference<T>(s, in);
  for (const Level level : available_levels()) {
    const auto got = run(*make_portable_product(s, level), in);
    ASSERT_EQ(std::memcmp(got.data(), wanted.data(), got.size() * sizeof(T)), 0)
        << describe(s) << " level " << name(level);
  }
}

TEST(PortableProduct, has_the_bits_of_three_plain_loops_at_every_level) {
  int options = 0;
  for (const auto m : kSides)
    for (const auto n : kSides)
      for (const auto k : kSides)
        for (int i = 0; i < 4; ++i) {  // over the shapes, every kind meets all 128 options
          options = (options + 5) % 128;
          ASSERT_NO_FATAL_FAILURE(expect_same_bits<float>(with_options({m, n, k}, options)));
        }
}

TEST(PortableProduct, has_the_bits_of_three_plain_loops_where_b_needs_several_blocks) {
  for (int options = 0; options < 128; options += 5)
    ASSERT_NO_FATAL_FAILURE(expect_same_bits<float>(with_options({29, 333, 1100}, options)));
}

TEST(PortableProduct, has_the_bits_of_three_plain_loops_around_the_edges_of_narrow_forms) {
  int options = 0;
  for (std::int64_t m = 1; m <= 40; ++m)
    for (std::int64_t n = 1; n <= 9; ++n)
      for (const std::int64_t k : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 23, 40}) {
        options = (options + 5) % 128;
        ASSERT_NO_FATAL_FAILURE(expect_same_bits<float>(with_options({m, n, k}, options)));
        ASSERT_NO_FATAL_FAILURE(expect_same_bits<float>(with_options({m, n, k}, options & ~5)));
        ASSERT_NO_FATAL_FAILURE(expect_same_bits<float>(with_options({n, m, k}, options)));
      }
}

TEST(PortableProduct, has_the_bits_of_three_plain_loops_where_the_last_tile_overlaps) {
  int options = 0;
  for (std::int64_t n = 1; n <= 40; ++n)
    for (const std::int64_t m : {1, 3, 6, 7, 12, 13, 25, 40})
      for (const std::int64_t k : {1, 2, 9})
        for (int i = 0; i < 4; ++i) {
          options = (options + 5) % 128;
          ASSERT_NO_FATAL_FAILURE(expect_same_bits<float>(with_options({m, n, k}, options)));
        }
}

TEST(PortableProduct, computes_in_double_too) {
  for (const auto m : {1, 4, 13, 40})
    for (const auto n : {1, 3, 17, 40})
      for (int options = 0; options < 128; ++options) {
        ProductSpec s = with_options({m, n, 19}, options);
        s.dtype = DType::f64;
        ASSERT_NO_FATAL_FAILURE(expect_same_bits<double>(s));
      }
}

// Numerics 1: files depend on these bits. A change of the value is a new version of the format.
TEST(PortableProduct, keeps_the_bits_of_numerics_1) {
  std::uint64_t hash = 0;
  constexpr std::int64_t kShapes[][3] = {{128, 400, 50}, {3, 20, 400}, {64, 1, 30}, {7, 33, 100}};
  for (const auto& [m, n, k] : kShapes)
    for (int options = 0; options < 32; ++options) {
      const ProductSpec s = with_options({m, n, k}, options);
      const auto c = run(*make_product(s, Mode::reproducible, best_level()), Operands<float>(s));
      hash = hash64(c.data(), c.size() * sizeof(float), hash);
    }
  EXPECT_EQ(hash, 7507138912307077610u);
}

TEST(PortableProduct, an_empty_sum_is_zero) {
  for (const int options : {0, 4, 8, 28}) {
    ProductSpec s = with_options({5, 9, 0}, options);
    ASSERT_NO_FATAL_FAILURE(expect_same_bits<float>(s));
  }
  for (const ProductSpec& s : {ProductSpec{0, 5, 3}, ProductSpec{5, 0, 3}})
    EXPECT_TRUE(run(*make_portable_product(s, best_level()), Operands<float>(s)).empty());
}

TEST(PortableProduct, relu_keeps_nan_and_drops_the_sign_of_zero) {
  for (const ProductSpec& s : {ProductSpec{.m = 20, .n = 21, .k = 1, .relu = true},
                               ProductSpec{.m = 20, .n = 3, .k = 9, .relu = true}}) {
    Operands<float> in(s);
    const auto row = [&](std::int64_t i) { return in.a.begin() + i * s.k; };
    *row(3) = std::numeric_limits<float>::quiet_NaN();
    std::fill(row(4), row(5), -0.0f);
    for (const Level level : available_levels()) {
      const auto c = run(*make_portable_product(s, level), in);
      const auto n = static_cast<std::size_t>(s.n);
      for (std::size_t j = 0; j < n; ++j) {
        EXPECT_TRUE(std::isnan(c[3 * n + j]));
        EXPECT_FALSE(std::signbit(c[4 * n + j]));
      }
    }
  }
}

TEST(PortableProduct, gives_the_same_from_several_threads_at_once) {
  const ProductSpec s = with_options({65, 70, 90}, 24);
  const auto product = make_portable_product(s, best_level());
  const Operands<float> in(s);
  EXPECT_EQ(differing_runs([&] { return run(*product, in); }), 0);
}

TEST(PortableProduct, stays_inside_its_scratch) {
  constexpr std::size_t kGuard = 64;
  constexpr auto kMark = std::byte{0x5a};
  for (const Level level : available_levels())
    for (const auto m : {1, 5, 24, 100})
      for (const auto n : {1, 3, 6, 20, 300})
        for (int options = 0; options < 8; ++options) {
          const ProductSpec s = with_options({m, n, 33}, options);
          const auto product = make_portable_product(s, level);
          const Operands<float> in(s);
          auto c = in.c;
          Buffer scratch(product->scratch_bytes() + kGuard);
          std::byte* const end = scratch.data() + product->scratch_bytes();
          std::fill(end, end + kGuard, kMark);
          auto sums = in.sums;
          product->run(in.arrays(c, sums), scratch.data());
          ASSERT_TRUE(std::all_of(end, end + kGuard, [](std::byte x) { return x == kMark; }))
              << describe(s) << " level " << name(level);
        }
}

TEST(Product, refuses_what_it_cannot_do) {
  EXPECT_THROW(make_product({-1, 2, 3}, Mode::fast, best_level()), Error);
  ProductSpec integers{2, 2, 2};
  integers.dtype = DType::i32;
  EXPECT_THROW(make_product(integers, Mode::fast, best_level()), Error);
}

}  // namespace
}  // namespace diabolo::kernels
