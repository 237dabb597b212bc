#include <gtest/gtest.h>
#include <support/allocations.h>

#include "product_reference.h"

namespace diabolo::kernels {
namespace {

TEST(PortableProduct, allocates_nothing_in_run) {
  for (const Level level : available_levels())
    for (int options = 0; options < 32; ++options)
      for (const std::int64_t n : {3, 100, 700}) {
        const ProductSpec s = with_options({50, n, 300}, options);
        const auto product = make_portable_product(s, level);
        Operands<float> in(s);
        Buffer scratch(product->scratch_bytes());
        const long before = testing::allocations();
        product->run(in.arrays(in.c, in.sums), scratch.data());
        EXPECT_EQ(testing::allocations(), before) << describe(s);
      }
  EXPECT_GT(testing::allocations(), 0);
}

}  // namespace
}  // namespace diabolo::kernels
