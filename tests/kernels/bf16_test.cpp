// Rounding to bfloat16 against distances in double, products of rounded operands against f32.
#include <diabolo/base/error.h>
#include <diabolo/kernels/bf16.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "product_reference.h"

namespace diabolo::kernels {
namespace {

float from_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }
float widened(std::uint16_t x) { return from_bits(static_cast<std::uint32_t>(x) << 16); }

std::uint16_t rounded(float x, Level level = best_level()) {
  std::uint16_t y = 0;
  bf16_kernels(level).round(&x, &y, 1);
  return y;
}

std::vector<std::uint16_t> rounded(const std::vector<float>& x) {
  std::vector<std::uint16_t> y(x.size());
  bf16_kernels(best_level()).round(x.data(), y.data(), static_cast<std::int64_t>(x.size()));
  return y;
}

std::vector<float> rounded_values(const std::vector<float>& x) {
  std::vector<float> y;
  for (const std::uint16_t v : rounded(x)) y.push_back(widened(v));
  return y;
}

std::vector<float> run_rounded(const Product& product, const Operands<float>& in) {
  const std::vector<std::uint16_t> a = rounded(in.a), b = rounded(in.b);
  Buffer scratch(product.scratch_bytes());
  std::vector<float> c = in.c, sums = in.sums;
  product.run({a.data(), b.data(), in.bias.data(), in.gate.data(), c.data(), sums.data()},
              scratch.data());
  c.insert(c.end(), sums.begin(), sums.end());
  return c;
}

TEST(Bf16, rounds_to_the_nearest_and_ties_to_even) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const std::pair<float, std::uint16_t> cases[] = {
      {0.0f, 0x0000},          {-0.0f, 0x8000},         {1.0f, 0x3f80},
      {1 + 0x1p-8f, 0x3f80},   {1 + 0x3p-8f, 0x3f82},   {-1 - 0x1p-8f, 0xbf80},
      {1 + 0x1.1p-8f, 0x3f81}, {1 + 0x0.fp-8f, 0x3f80}, {2 - 0x1p-8f, 0x4000},
      {kInf, 0x7f80},          {-kInf, 0xff80},         {std::numeric_limits<float>::max(), 0x7f80},
      {0x1.fep127f, 0x7f7f},   {0x1p-149f, 0x0000},     {0x1p-133f, 0x0001},
      {0x1.8p-134f, 0x0001},   {0x1p-134f, 0x0000}};
  for (const auto& [x, wanted] : cases) EXPECT_EQ(rounded(x), wanted) << x;
}

// Every bfloat16, and f32 numbers between it and the next.
TEST(Bf16, is_the_nearer_neighbour_for_every_upper_half) {
  for (std::uint32_t upper = 0; upper < 0x7f7f; ++upper)
    for (const std::uint32_t lower : {0x0000, 0x0001, 0x7fff, 0x8000, 0x8001, 0xffff}) {
      const float x = from_bits(upper << 16 | lower);
      const double down = static_cast<double>(x) - static_cast<double>(from_bits(upper << 16));
      const double up = static_cast<double>(from_bits((upper + 1) << 16)) - static_cast<double>(x);
      const std::uint32_t wanted = upper + (down == up ? upper % 2 : down > up);
      ASSERT_EQ(rounded(x), wanted) << x;
      ASSERT_EQ(rounded(-x), wanted | 0x8000) << x;
    }
}

TEST(Bf16, nan_stays_nan_whatever_its_payload) {
  for (const std::uint32_t bits :
       {0x7f800001u, 0x7f807fffu, 0x7fc00000u, 0x7fffffffu, 0xff800001u, 0xffffffffu})
    for (const Level level : available_levels())
      EXPECT_TRUE(std::isnan(widened(rounded(from_bits(bits), level)))) << bits;
}

TEST(Bf16, levels_give_the_same_bits_and_write_no_further) {
  std::vector<float> x;
  std::uint32_t state = 1;
  for (int i = 0; i < 200; ++i) x.push_back(from_bits(state = state * 1664525u + 1013904223u));
  for (std::size_t n = 0; n <= x.size(); ++n) {
    std::vector<std::uint16_t> wanted(x.size() + 1, 7);
    for (std::size_t i = 0; i < n; ++i) wanted[i] = rounded(x[i], Level::v2);
    for (const Level level : available_levels()) {
      std::vector<std::uint16_t> y(x.size() + 1, 7);
      bf16_kernels(level).round(x.data(), y.data(), static_cast<std::int64_t>(n));
      ASSERT_EQ(y, wanted) << name(level) << " " << n;
    }
  }
}

TEST(Bf16, each_level_has_kernels_of_its_own) {
  std::set<const Bf16Kernels*> tables;
  for (const Level level : available_levels()) tables.insert(&bf16_kernels(level));
  EXPECT_EQ(tables.size(), available_levels().size());
}

class Bf16Product : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!have_bf16()) GTEST_SKIP() << "this processor or this build has no bfloat16";
  }

  static std::unique_ptr<const Product> make(ProductSpec s) {
    s.bf16 = true;
    return make_bf16_product(s, best_level());
  }
};

TEST_F(Bf16Product, differs_from_f32_by_the_rounding_of_its_operands_alone) {
  for (const auto m : {1, 3, 17, 64})
    for (const auto n : {1, 7, 33, 100})
      for (const auto k : {1, 5, 31, 200})
        for (int options = 0; options < 128; ++options) {
          const ProductSpec s = with_options({m, n, k}, options);
          const Operands<float> in(s);
          Operands<float> half(s);
          half.a = rounded_values(in.a);
          half.b = rounded_values(in.b);
          const auto got = run_rounded(*make(s), in);
          const auto exact = reference<double>(s, in), wanted = reference<double>(s, half);
          for (std::size_t i = 0; i < got.size(); ++i) {
            const double added = i < in.c.size() ? 1 : m;
            ASSERT_NEAR(got[i], wanted[i], added * 1e-6 * (2 + k)) << describe(s) << " at " << i;
            // Two factors of at most 1, each off by at most 2^-9 of itself.
            ASSERT_NEAR(got[i], exact[i], added * 0x1p-8 * (0.1 + k)) << describe(s) << " at " << i;
          }
        }
}

TEST_F(Bf16Product, nan_and_infinity_stay) {
  ProductSpec s{.m = 64, .n = 64, .k = 64, .bias = true, .relu = true};
  for (const float odd : {std::numeric_limits<float>::quiet_NaN(), from_bits(0x7f800001),
                          std::numeric_limits<float>::infinity()}) {
    Operands<float> in(s);
    for (float& v : in.b) v = std::abs(v) + 0.01f;
    in.a[64 * 3] = odd;
    auto c = run_rounded(*make(s), in);
    for (std::size_t j = 0; j < 64; ++j) {
      EXPECT_EQ(std::isnan(c[64 * 3 + j]), std::isnan(odd));
      EXPECT_FALSE(std::isfinite(c[64 * 3 + j]));
      EXPECT_TRUE(std::isfinite(c[64 * 4 + j]));
    }
    in = Operands<float>(s);
    in.b[5] = odd;
    c = run_rounded(*make(s), in);
    for (std::size_t i = 0; i < 64; ++i)
      EXPECT_TRUE(!std::isfinite(c[64 * i + 5]) || in.a[64 * i] < 0);
  }
}

TEST_F(Bf16Product, gives_the_same_from_several_threads_at_once) {
  const ProductSpec s = with_options({65, 70, 300}, 24);
  const auto product = make(s);
  const Operands<float> in(s);
  EXPECT_EQ(differing_runs([&] { return run_rounded(*product, in); }), 0);
}

TEST_F(Bf16Product, is_made_when_the_spec_says_so_or_refused) {
  const auto make_any = [](const ProductSpec& s) {
    return std::string(make_product(s, Mode::fast, best_level())->backend());
  };
  EXPECT_EQ(make_any({.m = 64, .n = 64, .k = 64, .bf16 = true}), "bf16");
  EXPECT_EQ(make_any({.m = 64, .n = 64, .k = 64, .binary_a = true, .bf16 = true}), "bf16");
  EXPECT_NE(make_any({.m = 64, .n = 64, .k = 64}), "bf16");
  EXPECT_THROW(make_any({.m = 64, .n = 64, .k = 64, .bf16 = true, .dtype = DType::f64}), Error);
  EXPECT_THROW(make_any({.m = 64, .n = 0, .k = 64, .bf16 = true}), Error);
}

TEST(Bf16Rule, takes_large_products_of_f32) {
  EXPECT_TRUE(suits_bf16({128, 400, 784}));
  EXPECT_TRUE(suits_bf16({500, 20, 400}));
  EXPECT_FALSE(suits_bf16({64, 64, 64}));
  EXPECT_FALSE(suits_bf16({8, 4000, 4000}));
  EXPECT_FALSE(suits_bf16({4000, 8, 4000}));
  EXPECT_FALSE(suits_bf16({4000, 4000, 2}));
  EXPECT_FALSE(suits_bf16({.m = 128, .n = 400, .k = 784, .dtype = DType::f64}));
  EXPECT_TRUE(suits_bf16({std::int64_t{1} << 31, std::int64_t{1} << 31, 8}));
}

}  // namespace
}  // namespace diabolo::kernels
