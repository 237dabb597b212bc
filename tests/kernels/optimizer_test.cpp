// The optimiser's passes against plain loops in double, and the same bits at every level.
#include <diabolo/kernels/optimizer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace diabolo::kernels {
namespace {

std::vector<float> numbers(std::size_t n, float phase) {
  std::vector<float> values;
  for (std::size_t i = 0; i < n; ++i)
    values.push_back(std::sin(static_cast<float>(i) * 0.7f + phase));
  return values;
}

AdamStep step_at(int t, float decay = 0) {
  return {.learning_rate = 1e-3f,
          .beta1 = 0.9f,
          .beta2 = 0.999f,
          .epsilon = 1e-8f,
          .correction1 = 1 / (1 - std::pow(0.9f, static_cast<float>(t))),
          .correction2 = 1 / (1 - std::pow(0.999f, static_cast<float>(t))),
          .decay = decay,
          .gradient_scale = 0.5f};
}

struct State {
  std::vector<float> parameter, m, v;
  explicit State(std::size_t n) : parameter(numbers(n, 1)), m(n), v(n) {}
  friend bool operator==(const State&, const State&) = default;
};

State after_steps(Level level, std::size_t n, float decay) {
  State state(n);
  for (int t = 1; t <= 5; ++t)
    optimizer_kernels(level).adam(state.parameter.data(), numbers(n, static_cast<float>(t)).data(),
                                  state.m.data(), state.v.data(), static_cast<std::int64_t>(n),
                                  step_at(t, decay));
  return state;
}

TEST(Adam, follows_the_paper_in_double) {
  for (const float decay : {0.0f, 1e-2f}) {
    const std::size_t n = 67;
    const State found = after_steps(best_level(), n, decay);
    const State start(n);
    for (std::size_t i = 0; i < n; ++i) {
      double p = static_cast<double>(start.parameter[i]), m = 0, v = 0;
      for (int t = 1; t <= 5; ++t) {
        const double g = 0.5 * static_cast<double>(numbers(n, static_cast<float>(t))[i]);
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        p -= static_cast<double>(decay) * p;
        p -= 1e-3 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
      }
      EXPECT_NEAR(static_cast<double>(found.parameter[i]), p, 1e-6);
      EXPECT_NEAR(static_cast<double>(found.m[i]), m, 1e-6 * (1e-3 + std::abs(m)) + 1e-8);
      EXPECT_NEAR(static_cast<double>(found.v[i]), v, 1e-4 * v + 1e-10);
    }
  }
}

TEST(Adam, has_the_same_bits_at_every_level) {
  for (const std::size_t n : {1, 15, 16, 17, 100, 1000})
    for (const Level level : available_levels())
      EXPECT_EQ(after_steps(level, n, 1e-2f), after_steps(Level::v2, n, 1e-2f)) << n;
}

TEST(Adam, moments_below_the_normal_numbers_become_zero) {
  for (const Level level : available_levels()) {
    std::vector<float> p(40, 1.0f), m(40, 1.2e-38f), v(40, 1.1755e-38f), g(40, 0.0f);
    m[1] = -1.2e-38f;
    optimizer_kernels(level).adam(p.data(), g.data(), m.data(), v.data(), 40, step_at(1000));
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_EQ(m[i], 0.0f);
      EXPECT_EQ(v[i], 0.0f);
      EXPECT_EQ(p[i], 1.0f);
    }
  }
}

TEST(Adam, a_gradient_that_is_not_finite_stays_visible) {
  std::vector<float> p(3, 1.0f), m(3), v(3), g = {0, std::numeric_limits<float>::quiet_NaN(), 0};
  optimizer_kernels(best_level()).adam(p.data(), g.data(), m.data(), v.data(), 3, step_at(1));
  EXPECT_EQ(p[0], 1.0f);
  EXPECT_TRUE(std::isnan(p[1]));
  EXPECT_TRUE(std::isnan(m[1]) && std::isnan(v[1]));
}

TEST(Fold, adds_replicas_in_order_and_gives_the_sum_of_squares) {
  for (const std::size_t n : {1, 15, 16, 17, 33, 1000})
    for (const int count : {1, 2, 5}) {
      std::vector<std::vector<float>> in;
      std::vector<const float*> pointers;
      for (int k = 0; k < count; ++k) in.push_back(numbers(n, static_cast<float>(k)));
      for (const auto& x : in) pointers.push_back(x.data());
      std::vector<float> expected = in[0];
      double squares = 0;
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 1; k < in.size(); ++k) expected[i] += in[k][i];
        squares += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
      }
      const auto length = static_cast<std::int64_t>(n);
      std::vector<float> out(n);
      const float first =
          optimizer_kernels(Level::v2).fold(out.data(), pointers.data(), count, length);
      EXPECT_EQ(out, expected);
      EXPECT_NEAR(static_cast<double>(first), squares, 1e-5 * squares);
      for (const Level level : available_levels()) {
        std::vector<float> other(n);
        EXPECT_EQ(optimizer_kernels(level).fold(other.data(), pointers.data(), count, length),
                  first);
        EXPECT_EQ(other, expected);
      }
      // In place.
      EXPECT_EQ(optimizer_kernels(best_level()).fold(in[0].data(), pointers.data(), count, length),
                first);
      EXPECT_EQ(in[0], expected);
    }
}

}  // namespace
}  // namespace diabolo::kernels
