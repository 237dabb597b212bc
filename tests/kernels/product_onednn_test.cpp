#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "product_reference.h"

namespace diabolo::kernels {
namespace {

bool have_onednn() { return make_onednn_product({2, 2, 2}, best_level()) != nullptr; }

TEST(OnednnProduct, agrees_with_double_to_rounding) {
  if (!have_onednn()) GTEST_SKIP() << "built without oneDNN";
  for (const auto m : {1, 3, 17, 64})
    for (const auto n : {1, 7, 33, 100})
      for (const auto k : {1, 5, 31, 200})
        for (int options = 0; options < 128; ++options) {
          const ProductSpec s = with_options({m, n, k}, options);
          const Operands<float> in(s);
          const auto got = run(*make_onednn_product(s, best_level()), in);
          const auto wanted = reference<double>(s, in);
          for (std::size_t i = 0; i < got.size(); ++i)
            ASSERT_NEAR(got[i], wanted[i], 1e-6 * (2 + k) * (i < in.c.size() ? 1 : m))
                << describe(s) << " at " << i;
        }
}

TEST(OnednnProduct, relu_keeps_nan) {
  if (!have_onednn()) GTEST_SKIP() << "built without oneDNN";
  const ProductSpec s{.m = 64, .n = 64, .k = 64, .relu = true};
  Operands<float> in(s);
  in.a[64 * 3] = std::numeric_limits<float>::quiet_NaN();
  const auto c = run(*make_onednn_product(s, best_level()), in);
  for (std::size_t j = 0; j < 64; ++j) EXPECT_TRUE(std::isnan(c[64 * 3 + j]));
}

TEST(OnednnProduct, gives_the_same_from_several_threads_at_once) {
  if (!have_onednn()) GTEST_SKIP() << "built without oneDNN";
  const ProductSpec s = with_options({65, 70, 300}, 24);
  const auto product = make_onednn_product(s, best_level());
  const Operands<float> in(s);
  EXPECT_EQ(differing_runs([&] { return run(*product, in); }), 0);
}

TEST(OnednnProduct, is_chosen_for_large_products_in_fast_mode_only) {
  const auto backend = [](const ProductSpec& s, Mode mode) {
    return std::string(make_product(s, mode, best_level())->backend());
  };
  ProductSpec large{128, 400, 784};
  EXPECT_EQ(backend(large, Mode::fast), have_onednn() ? "onednn" : "portable");
  EXPECT_EQ(backend(large, Mode::reproducible), "portable");
  EXPECT_EQ(backend({128, 20, 4000}, Mode::fast), "portable");
  EXPECT_EQ(backend({64, 64, 64}, Mode::fast), "portable");
  large.dtype = DType::f64;
  EXPECT_EQ(backend(large, Mode::fast), "portable");
}

}  // namespace
}  // namespace diabolo::kernels
