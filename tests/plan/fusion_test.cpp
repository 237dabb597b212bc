// Fusion, levels and memory reuse must not change a bit: random graphs against a step per node.
#include <gtest/gtest.h>
#include <plan/evaluate.h>
#include <plan/random_graph.h>

#include <bit>

namespace diabolo {
namespace {

using testing::evaluate;
using testing::RandomGraph;
using testing::Values;

constexpr unsigned kGraphs = 300;

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
}

::testing::AssertionResult same(const std::vector<Values>& a, const std::vector<Values>& b) {
  for (std::size_t o = 0; o < a.size(); ++o)
    for (std::size_t i = 0; i < a[o].size(); ++i)
      if (!same_bits(a[o][i], b[o][i]))
        return ::testing::AssertionFailure() << "output " << o << " of " << a.size() << ", element "
                                             << i << ": " << a[o][i] << " and " << b[o][i];
  return ::testing::AssertionSuccess();
}

std::vector<Values> run(const RandomGraph& random, bool fuse, kernels::Level level) {
  return evaluate(random.graph, random.outputs, random.inputs,
                  {.mode = kernels::Mode::reproducible, .level = level, .fuse = fuse},
                  {.seed = 3, .pass = 5, .first_draw = 2});
}

TEST(Fusion, gives_the_bits_of_a_step_per_node_at_every_level) {
  for (unsigned seed = 0; seed < kGraphs; ++seed) {
    const RandomGraph random(seed, DType::f32, false);
    const auto expected = run(random, false, kernels::Level::v2);
    for (const auto level : kernels::available_levels())
      ASSERT_TRUE(same(expected, run(random, true, level)))
          << "seed " << seed << ", level " << name(level);
    ASSERT_TRUE(same(expected, run(random, false, kernels::available_levels().back())))
        << "seed " << seed;
  }
}

TEST(Fusion, gives_the_bits_of_a_step_per_node_in_double) {
  for (unsigned seed = 0; seed < kGraphs; ++seed) {
    const RandomGraph random(seed, DType::f64, false);
    ASSERT_TRUE(same(run(random, false, kernels::Level::v2), run(random, true, kernels::Level::v2)))
        << "seed " << seed;
  }
}

TEST(Fusion, float_follows_double_on_smooth_graphs) {
  for (unsigned seed = 0; seed < kGraphs; ++seed) {
    const RandomGraph narrow(seed, DType::f32, true), wide(seed, DType::f64, true);
    const auto a = run(narrow, true, kernels::best_level());
    const auto b = run(wide, true, kernels::best_level());
    for (std::size_t o = 0; o < b.size(); ++o) {
      double scale = 1;
      for (const double v : b[o]) scale = std::max(scale, std::abs(v));
      for (std::size_t i = 0; i < b[o].size(); ++i)
        ASSERT_NEAR(a[o][i], b[o][i], 1e-3 * scale) << "seed " << seed << ", output " << o;
    }
  }
}

}  // namespace
}  // namespace diabolo
