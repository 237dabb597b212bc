// Products with a left operand of zeros and ones have the bits of the dense portable ones.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "product_reference.h"

namespace diabolo::kernels {
namespace {

// `share` of 100 elements of A are ones.
Operands<float> binary_operands(const ProductSpec& s, int share) {
  Operands<float> in(s);
  const auto wanted = static_cast<float>(share) / 50 - 1;
  for (float& a : in.a) a = a < wanted ? 1.0f : 0.0f;
  return in;
}

TEST(BinaryProduct, has_the_bits_of_the_dense_product_at_every_level) {
  constexpr int shares[] = {0, 5, 30, 60, 90};
  int options = 0, next = 0;
  for (const std::int64_t m : {1, 3, 7, 8, 33, 100})
    for (const std::int64_t n : {16, 17, 31, 63, 64, 65, 100, 130})
      for (const std::int64_t k : {1, 2, 95, 96, 97, 193, 300}) {
        options = (options + 1) % 8;
        const int share = shares[next++ % std::size(shares)];
        ProductSpec s{.m = m, .n = n, .k = k, .binary_a = true};
        s.trans_a = options & 1, s.bias = options & 2, s.relu = options & 4;
        const Operands<float> in = binary_operands(s, share);
        const auto wanted = reference<float>(s, in);
        for (const Level level : available_levels()) {
          const auto product = make_binary_product(s, level);
          ASSERT_TRUE(product) << describe(s);
          const auto got = run(*product, in);
          ASSERT_EQ(std::memcmp(got.data(), wanted.data(), got.size() * sizeof(float)), 0)
              << describe(s) << " level " << name(level);
        }
      }
}

TEST(BinaryProduct, may_meet_many_ones_after_few) {
  for (const bool trans_a : {false, true}) {
    ProductSpec s{.m = 60, .n = 40, .k = 50, .binary_a = true};
    s.trans_a = trans_a, s.bias = s.relu = true;
    Operands<float> in = binary_operands(s, 3);
    for (std::size_t i = in.a.size() / 2; i < in.a.size(); ++i) in.a[i] = 1;
    const auto wanted = reference<float>(s, in);
    for (const Level level : available_levels())
      EXPECT_EQ(run(*make_binary_product(s, level), in), wanted) << name(level);
  }
}

TEST(BinaryProduct, relu_keeps_nan) {
  const ProductSpec s{.m = 9, .n = 20, .k = 30, .relu = true, .binary_a = true};
  for (const int share : {3, 100})
    for (const std::size_t column : {3u, 19u}) {
      Operands<float> in = binary_operands(s, share);
      in.a[0] = 1;
      in.b[column] = std::numeric_limits<float>::quiet_NaN();
      for (const Level level : available_levels())
        EXPECT_TRUE(std::isnan(run(*make_binary_product(s, level), in)[column])) << share;
    }
}

TEST(BinaryProduct, is_chosen_in_both_modes_where_a_is_binary_and_b_lies_as_it_needs) {
  const auto backend = [](ProductSpec s, Mode mode) {
    return std::string(make_product(s, mode, best_level())->backend());
  };
  const ProductSpec s{.m = 128, .n = 400, .k = 784, .binary_a = true};
  for (const Mode mode : {Mode::fast, Mode::reproducible}) {
    EXPECT_EQ(backend(s, mode), "binary");
    ProductSpec other = s;
    other.binary_a = false;
    EXPECT_NE(backend(other, mode), "binary");
    other = s, other.trans_b = true;
    EXPECT_NE(backend(other, mode), "binary");
    other = s, other.accumulate = true;
    EXPECT_NE(backend(other, mode), "binary");
    other = s, other.n = kFewestBinaryColumns - 1;
    EXPECT_NE(backend(other, mode), "binary");
    other = s, other.dtype = DType::f64;
    EXPECT_NE(backend(other, mode), "binary");
  }
}

}  // namespace
}  // namespace diabolo::kernels
