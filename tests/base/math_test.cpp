// Accuracy, special values and bits of the elementary functions.
//
// The oracle is the double overload, which calls the C library. The pinned loops are compiled for
// every level of x86-64 by the attribute `target`, and with the kernels' -fno-trapping-math,
// without which some of them would stay scalar. Errors against MPFR: bench/math/ulp.cpp.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-trapping-math")
#endif

#include <diabolo/base/hash.h>
#include <diabolo/base/math.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace diabolo {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kSmallest = std::numeric_limits<float>::min();
constexpr float kLargest = std::numeric_limits<float>::max();

// Every stride-th of all floats, NaNs and infinities included.
std::vector<float> all_floats(std::uint64_t stride) {
  std::vector<float> x;
  for (std::uint64_t bits = 0; bits < 1ull << 32; bits += stride)
    x.push_back(__builtin_bit_cast(float, static_cast<std::uint32_t>(bits)));
  return x;
}

// ---- Errors against the double functions, which call the C library. ----

double ulp_error(float got, double want) {
  if (std::isnan(want)) return std::isnan(got) ? 0 : kInf;
  const float rounded = static_cast<float>(want);
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got ? 0 : kInf;
  const bool may_flush = std::fabs(want) < static_cast<double>(kSmallest);
  if (may_flush && std::fabs(got) <= kSmallest) return 0;
  int exponent;
  std::frexp(want, &exponent);
  return std::fabs(static_cast<double>(got) - want) / std::ldexp(1.0, exponent - 24);
}

struct Accuracy {
  const char* name;
  double bound;  // in ulp
  float low, high;
  float (*single)(float);
  double (*oracle)(double);
};

#define BOTH(name) [](float x) { return math::name(x); }, [](double x) { return math::name(x); }

class MathAccuracy : public testing::TestWithParam<Accuracy> {};

TEST_P(MathAccuracy, stays_within_its_bound) {
  const Accuracy& f = GetParam();
  double worst = 0;
  float at = 0;
  const auto look = [&](float x) {
    if (x < f.low || x > f.high) return;
    const double error = ulp_error(f.single(x), f.oracle(static_cast<double>(x)));
    if (error > worst) worst = error, at = x;
  };
  for (const float x : all_floats(16411)) look(x);
  for (int i = -100000; i <= 100000; ++i) look(static_cast<float>(i) * 1.1e-4f);
  EXPECT_LE(worst, f.bound) << "at " << testing::PrintToString(at);
}

INSTANTIATE_TEST_SUITE_P(Functions, MathAccuracy,
                         testing::Values(Accuracy{"exp", 1, -kInf, kInf, BOTH(exp)},
                                         Accuracy{"expm1", 1.7, -kInf, kInf, BOTH(expm1)},
                                         Accuracy{"log", 1, -kInf, kInf, BOTH(log)},
                                         Accuracy{"log1p", 1, -kInf, kInf, BOTH(log1p)},
                                         Accuracy{"tanh", 2.5, -kInf, kInf, BOTH(tanh)},
                                         Accuracy{"sigmoid", 2.4, -kInf, kInf, BOTH(sigmoid)},
                                         Accuracy{"softplus", 2, -kInf, kInf, BOTH(softplus)},
                                         Accuracy{"log_sigmoid", 2, -kInf, kInf, BOTH(log_sigmoid)},
                                         Accuracy{"erf", 1.5, -kInf, kInf, BOTH(erf)},
                                         Accuracy{"normal_cdf", 3, -1, kInf, BOTH(normal_cdf)},
                                         Accuracy{"sin", 2, -0x1p28f, 0x1p28f, BOTH(sin)},
                                         Accuracy{"cos", 2, -0x1p28f, 0x1p28f, BOTH(cos)},
                                         Accuracy{"sin_2pi", 2, 0, 0.499f, BOTH(sin_2pi)},
                                         Accuracy{"lgamma", 1.1, -kInf, kInf, BOTH(lgamma)},
                                         Accuracy{"digamma", 1, -kInf, kInf, BOTH(digamma)},
                                         Accuracy{"sqrt", 0.501, -kInf, kInf, BOTH(sqrt)},
                                         Accuracy{"floor", 0, -kInf, kInf, BOTH(floor)},
                                         Accuracy{"round_even", 0, -kInf, kInf, BOTH(round_even)},
                                         Accuracy{"abs", 0, -kInf, kInf, BOTH(abs)}),
                         [](const auto& test) { return std::string(test.param.name); });

// Published values (Abramowitz and Stegun, tables 6.1 to 6.3): the double digamma is our own.
TEST(Math, digamma_matches_known_values) {
  EXPECT_NEAR(math::digamma(1.0), -0.57721566490153286, 1e-15);
  EXPECT_NEAR(math::digamma(0.5), -1.96351002602142348, 2e-15);
  EXPECT_NEAR(math::digamma(10.0), 2.25175258906672111, 2e-15);
  EXPECT_NEAR(math::digamma(1.4616321449683623), 0, 1e-15);
}

// ---- Special values. ----

TEST(Math, a_nan_comes_out_as_a_nan) {
  float (*const functions[])(float) = {
      [](float x) { return math::abs(x); },       [](float x) { return math::sqrt(x); },
      [](float x) { return math::floor(x); },     [](float x) { return math::round_even(x); },
      [](float x) { return math::exp(x); },       [](float x) { return math::expm1(x); },
      [](float x) { return math::log(x); },       [](float x) { return math::log1p(x); },
      [](float x) { return math::tanh(x); },      [](float x) { return math::sigmoid(x); },
      [](float x) { return math::softplus(x); },  [](float x) { return math::log_sigmoid(x); },
      [](float x) { return math::erf(x); },       [](float x) { return math::normal_cdf(x); },
      [](float x) { return math::sin(x); },       [](float x) { return math::cos(x); },
      [](float x) { return math::sin_2pi(x); },   [](float x) { return math::cos_2pi(x); },
      [](float x) { return math::lgamma(x); },    [](float x) { return math::digamma(x); },
      [](float x) { return math::max(x, 0.0f); }, [](float x) { return math::max(0.0f, x); },
      [](float x) { return math::min(x, 0.0f); }, [](float x) { return math::min(0.0f, x); },
      [](float x) { return math::pow(x, 2.0f); }, [](float x) { return math::pow(2.0f, x); }};
  const float loaded = __builtin_bit_cast(float, 0x7fc00123u);  // its payload is set
  const float negative = __builtin_bit_cast(float, 0xffffffffu);
  for (std::size_t i = 0; i < std::size(functions); ++i)
    for (const float x : {kNan, loaded, negative})
      EXPECT_TRUE(std::isnan(functions[i](x))) << "function " << i;
}

TEST(Math, exponentials_have_their_limits) {
  EXPECT_EQ(math::exp(0.0f), 1.0f);
  EXPECT_EQ(math::exp(-kInf), 0.0f);
  EXPECT_EQ(math::exp(kInf), kInf);
  EXPECT_EQ(math::exp(88.72284f), kInf);
  EXPECT_LT(math::exp(88.72283f), kInf);
  EXPECT_EQ(math::exp(-87.4f), 0.0f);  // e^-87.4 is no normal number
  EXPECT_GE(math::exp(-87.3365f), kSmallest);
  EXPECT_EQ(math::expm1(0.0f), 0.0f);
  EXPECT_EQ(math::expm1(-kInf), -1.0f);
  EXPECT_EQ(math::expm1(kInf), kInf);
  EXPECT_EQ(math::expm1(1e-20f), 1e-20f);
  EXPECT_EQ(math::tanh(kInf), 1.0f);
  EXPECT_EQ(math::tanh(-kInf), -1.0f);
  EXPECT_TRUE(std::signbit(math::tanh(-0.0f)));
  EXPECT_FALSE(std::signbit(math::tanh(0.0f)));
}

TEST(Math, logarithms_have_their_limits) {
  EXPECT_EQ(math::log(1.0f), 0.0f);
  EXPECT_EQ(math::log(0.0f), -kInf);
  EXPECT_EQ(math::log(-0.0f), -kInf);
  EXPECT_EQ(math::log(kInf), kInf);
  EXPECT_TRUE(std::isnan(math::log(-1e-45f)));
  EXPECT_TRUE(std::isnan(math::log(-kInf)));
  EXPECT_NEAR(math::log(1e-45f), -103.27893f, 1e-5);  // the smallest denormal number
  EXPECT_EQ(math::log1p(0.0f), 0.0f);
  EXPECT_EQ(math::log1p(1e-20f), 1e-20f);
  EXPECT_EQ(math::log1p(-1.0f), -kInf);
  EXPECT_TRUE(std::isnan(math::log1p(-1.0000001f)));
  EXPECT_NEAR(math::log1p(kLargest), 88.722839f, 1e-5);
  EXPECT_EQ(math::log1p(kInf), kInf);
}

TEST(Math, the_logistic_family_saturates) {
  EXPECT_EQ(math::sigmoid(0.0f), 0.5f);
  EXPECT_EQ(math::sigmoid(kInf), 1.0f);
  EXPECT_EQ(math::sigmoid(-kInf), 0.0f);
  EXPECT_EQ(math::softplus(kInf), kInf);
  EXPECT_EQ(math::softplus(-kInf), 0.0f);
  EXPECT_EQ(math::softplus(1000.0f), 1000.0f);
  EXPECT_EQ(math::log_sigmoid(-1000.0f), -1000.0f);
  EXPECT_EQ(math::log_sigmoid(kInf), 0.0f);
}

TEST(Math, gamma_functions_are_for_positive_numbers) {
  EXPECT_EQ(math::lgamma(1.0f), 0.0f);
  EXPECT_NEAR(math::lgamma(2.0f), 0.0f, 1e-14);
  EXPECT_EQ(math::lgamma(0.0f), kInf);
  EXPECT_EQ(math::lgamma(kInf), kInf);
  EXPECT_TRUE(std::isnan(math::lgamma(-0.5f)));
  EXPECT_TRUE(std::isnan(math::lgamma(-0.5)));
  EXPECT_EQ(math::digamma(0.0f), -kInf);
  EXPECT_EQ(math::digamma(kInf), kInf);
  EXPECT_TRUE(std::isnan(math::digamma(-0.5f)));
  EXPECT_TRUE(std::isnan(math::digamma(-0.5)));
}

TEST(Math, turns_hit_the_axes) {
  EXPECT_EQ(math::cos_2pi(0.0f), 1.0f);
  EXPECT_EQ(math::sin_2pi(0.0f), 0.0f);
  EXPECT_EQ(math::cos_2pi(0.25f), 0.0f);
  EXPECT_EQ(math::sin_2pi(0.25f), 1.0f);
  EXPECT_EQ(math::cos_2pi(0.5f), -1.0f);
  EXPECT_EQ(math::sin_2pi(0.75f), -1.0f);
  for (int i = 0; i < 4096; ++i) {
    const float u = static_cast<float>(i) / 4096;
    const float c = math::cos_2pi(u), s = math::sin_2pi(u);
    EXPECT_NEAR(c * c + s * s, 1.0f, 4e-7f) << u;
  }
}

TEST(Math, angles_too_large_for_a_float_are_refused) {
  EXPECT_TRUE(std::isnan(math::sin(3e8f)));
  EXPECT_TRUE(std::isnan(math::cos(-kInf)));
}

TEST(Math, floor_keeps_integers_and_signs) {
  EXPECT_EQ(math::floor(-0.25f), -1.0f);
  EXPECT_TRUE(std::signbit(math::floor(-0.0f)));
  EXPECT_EQ(math::floor(8388607.5f), 8388607.0f);
  EXPECT_EQ(math::round_even(2.5f), 2.0f);
  EXPECT_EQ(math::round_even(-3.5f), -4.0f);
}

// Codecs and samplers turn these into intervals: no step may go back.
TEST(Math, distribution_functions_do_not_decrease) {
  for (float x = -100.0f, s = 0, c = 0; x < 20.0f; x += 0.001953125f) {
    const float next_s = math::sigmoid(x), next_c = math::normal_cdf(x);
    EXPECT_LE(s, next_s) << x;
    EXPECT_LE(c, next_c) << x;
    EXPECT_LE(next_c, 1.0f) << x;
    s = next_s;
    c = next_c;
  }
}

TEST(Math, power_is_as_good_as_it_says) {
  for (float x = 0.01f; x < 100; x *= 1.37f)
    for (float y = -8; y <= 8; y += 0.37f) {
      const double size = std::fabs(static_cast<double>(y) * std::log(static_cast<double>(x)));
      const double want = std::pow(static_cast<double>(x), static_cast<double>(y));
      EXPECT_LE(ulp_error(math::pow(x, y), want), 2 + 2 * size) << x << " " << y;
    }
}

// ---- The bits: the same at every instruction-set level, and for ever (`numerics: 1`). ----

using Loop = void (*)(const float* x, const float* y, float* out, std::size_t n);

#define LOOP(target, value)                                              \
  [](const float* x, const float* y, float* out, std::size_t n) target { \
    for (std::size_t i = 0; i < n; ++i) {                                \
      [[maybe_unused]] const float a = x[i], b = y[i];                   \
      out[i] = value;                                                    \
    }                                                                    \
  }
// In a build for a wider processor (-march=native) the narrower levels cannot be had: only its own.
#if defined(__x86_64__) && !defined(__SSE3__)
#define ALL_LEVELS
#endif
#ifdef ALL_LEVELS
#define LEVEL(name) __attribute__((target("arch=x86-64-" name)))
#define LEVELS(value)                                                                           \
  {LOOP(, value), LOOP(LEVEL("v2"), value), LOOP(LEVEL("v3"), value), LOOP(LEVEL("v4"), value), \
   LOOP(LEVEL("v4,prefer-vector-width=512"), value)}  // the last is v4w
#else
#define LEVELS(value) {LOOP(, value)}
#endif

bool runs(std::size_t level) {
#ifdef ALL_LEVELS
  if (level == 1) return __builtin_cpu_supports("sse4.2");
  if (level == 2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (level >= 3) return __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#endif
  return level == 0;
}

struct Pinned {
  const char* name;
  std::uint64_t hash;
  std::vector<Loop> levels;
};

class MathBits : public testing::TestWithParam<Pinned> {};

// If this fails, files written before can no longer be read the same way. Never change a value: add
// a version of the numerics.
TEST_P(MathBits, are_pinned_at_every_level) {
  const std::vector<float> x = all_floats(4099);
  std::vector<float> y(x.rbegin(), x.rend()), out(x.size());
  for (std::size_t level = 0; level < GetParam().levels.size(); ++level) {
    if (!runs(level)) continue;
    GetParam().levels[level](x.data(), y.data(), out.data(), x.size());
    for (float& value : out)
      if (std::isnan(value)) value = kNan;  // sign and payload are the processor's
    EXPECT_EQ(hash64(out.data(), out.size() * sizeof(float)), GetParam().hash) << "level " << level;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Functions, MathBits,
    testing::Values(Pinned{"exp", 0x66bf69bce588a295ull, LEVELS(math::exp(a))},
                    Pinned{"expm1", 0x274aa00837984352ull, LEVELS(math::expm1(a))},
                    Pinned{"log", 0x0b1c42915cb0ae4eull, LEVELS(math::log(a))},
                    Pinned{"log1p", 0x1cf13d5f47293473ull, LEVELS(math::log1p(a))},
                    Pinned{"tanh", 0xde955a0190f07f82ull, LEVELS(math::tanh(a))},
                    Pinned{"sigmoid", 0x5cfebafc3561d5eeull, LEVELS(math::sigmoid(a))},
                    Pinned{"softplus", 0x063a42c411909b39ull, LEVELS(math::softplus(a))},
                    Pinned{"log_sigmoid", 0xf45b0e6bc1999780ull, LEVELS(math::log_sigmoid(a))},
                    Pinned{"erf", 0x448d7fc95657a12cull, LEVELS(math::erf(a))},
                    Pinned{"normal_cdf", 0xb1749505b5cff427ull, LEVELS(math::normal_cdf(a))},
                    Pinned{"sin", 0x19926d379969205bull, LEVELS(math::sin(a))},
                    Pinned{"cos", 0x61bb64a82537fb43ull, LEVELS(math::cos(a))},
                    Pinned{"sin_2pi", 0x4cdbc7cccb4e388dull, LEVELS(math::sin_2pi(a))},
                    Pinned{"cos_2pi", 0xef3bd337422fa0aeull, LEVELS(math::cos_2pi(a))},
                    Pinned{"lgamma", 0x71d72fc65bcf60d3ull, LEVELS(math::lgamma(a))},
                    Pinned{"digamma", 0x9076cede17213f4eull, LEVELS(math::digamma(a))},
                    Pinned{"floor", 0x49c675354081e7bcull, LEVELS(math::floor(a))},
                    Pinned{"round_even", 0xe79d15a2ad9133f5ull, LEVELS(math::round_even(a))},
                    Pinned{"sqrt", 0x2ba92909dd996871ull, LEVELS(math::sqrt(a))},
                    Pinned{"max", 0xe3af4af7771aed18ull, LEVELS(math::max(a, b))},
                    Pinned{"min", 0x2ab1e8cf5f767256ull, LEVELS(math::min(a, b))},
                    Pinned{"pow", 0xc135af66ce865423ull, LEVELS(math::pow(a, b))}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace diabolo
