#include <gtest/gtest.h>
#include <prob/tiny_likelihood.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

using testing::distance_to;
using testing::sorted_column;
using testing::TinyLikelihood;
using testing::Values;

constexpr double kFewest = 2.1, kMost = 100;  // degrees of freedom

// The parameter that gives so many degrees of freedom: they are 2.1 + softplus.
double raw_freedom(double freedom) { return std::log(std::expm1(freedom - kFewest)); }

// By the textbook, in long double.
double reference(double x, double location, double log_scale, double freedom) {
  const long double v = freedom, t = (x - static_cast<long double>(location)) *
                                     std::exp(-static_cast<long double>(log_scale));
  return static_cast<double>(std::lgamma((v + 1) / 2) - std::lgamma(v / 2) -
                             std::log(v * static_cast<long double>(M_PI)) / 2 -
                             static_cast<long double>(log_scale) -
                             (v + 1) / 2 * std::log1p(t * t / v));
}

struct Student : TinyLikelihood {
  Student(const Values& location, const Values& log_scale, const Values& freedom,
          std::int64_t rows = 1, DType real = DType::f64)
      : TinyLikelihood(ComponentChoice{"student", {}}, std::ssize(location), rows, real) {
    Values raw;
    for (const double v : freedom) raw.push_back(raw_freedom(v));
    set("mean.bias", location).set("log_scale", log_scale).set("freedom", raw);
  }
};

TEST(student, log_density_is_that_of_the_textbook) {
  const Values location = {0, 1.5, -3, 0, 2}, log_scale = {0, -2, 1, 3, -5.5},
               freedom = {2.2, 3, 5, 30, 99};
  for (const DType real : {DType::f64, DType::f32}) {
    Student f(location, log_scale, freedom, 1, real);
    for (const double x : {-1e6, -20.0, -1.0, 0.0, 0.3, 1.5, 7.0, 400.0, 1e9}) {
      const Values got = f.log_prob(Values(5, x), 5);
      for (std::size_t d = 0; d < 5; ++d) {
        const double expected = reference(x, location[d], log_scale[d], freedom[d]);
        EXPECT_NEAR(got[d], expected,
                    (real == DType::f64 ? 1e-12 : 3e-5) * (1 + std::abs(expected)))
            << x << " " << d;
      }
    }
  }
}

TEST(student, with_many_degrees_of_freedom_is_nearly_normal) {
  Student f({0}, {0}, {99.9});
  for (const double x : {0.0, 0.5, 1.0, 2.0})
    EXPECT_NEAR(f.log_prob({x}, 1)[0], -0.5 * x * x - 0.5 * std::log(2 * M_PI), 0.03) << x;
}

TEST(student, scale_and_degrees_of_freedom_are_bounded) {
  TinyLikelihood f(ComponentChoice{"student", {}}, 3);
  f.set("log_scale", {-1000, 1000, 0}).set("freedom", {-1000, -1000, 1000});
  const Values got = f.log_prob({0, 0, 3}, 3);
  EXPECT_NEAR(got[0], reference(0, 0, -6, kFewest), 1e-12);
  EXPECT_NEAR(got[1], reference(0, 0, 6, kFewest), 1e-12);
  EXPECT_NEAR(got[2], reference(3, 0, 0, kMost), 1e-12);
}

TEST(student, scale_by_row_adds_to_that_of_the_column) {
  TinyLikelihood f(ComponentChoice{"student", {{"per", "row"}}}, 2);
  f.set("log_scale", {0.5, -1}).set("spread.bias", {0.25, 3});
  f.set("freedom", {raw_freedom(4), raw_freedom(4)});
  const Values got = f.log_prob({2, 2}, 2);
  EXPECT_NEAR(got[0], reference(2, 0, 0.75, 4), 1e-12);
  EXPECT_NEAR(got[1], reference(2, 0, 2, 4), 1e-12);
}

// The distribution function for four degrees of freedom is elementary.
double distribution_of_four(double t) {
  const double s = 1 + t * t / 4;
  return 0.5 + 0.375 * t / std::sqrt(s) * (1 - t * t / (12 * s));
}

TEST(student, samples_have_its_distribution) {
  constexpr std::int64_t kRows = 40000;
  for (const DType real : {DType::f64, DType::f32}) {
    const Student f({1, -2}, {0.5, -1}, {4, 4}, kRows, real);
    const Values x = f.run(f.p->sample(f.scope));
    const double critical = 1.95 / std::sqrt(kRows);  // of Kolmogorov and Smirnov, 1 in 1,000
    EXPECT_LT(distance_to(sorted_column(x, 0, 2),
                          [](double v) { return distribution_of_four((v - 1) / std::exp(0.5)); }),
              critical);
    EXPECT_LT(distance_to(sorted_column(x, 1, 2),
                          [](double v) { return distribution_of_four((v + 2) / std::exp(-1)); }),
              critical);
  }
}

TEST(student, samples_have_the_variance_of_many_degrees_of_freedom) {
  constexpr std::int64_t kRows = 40000;
  const Student f({0}, {0}, {20}, kRows);
  double squares = 0;
  for (const double x : f.run(f.p->sample(f.scope))) squares += x * x / kRows;
  EXPECT_NEAR(squares, 20.0 / 18, 0.04);
}

TEST(student, mean_is_the_location) {
  const Student f({1, -2}, {0, 0}, {3, 3});
  EXPECT_EQ(f.run(f.p->mean()), Values({1, -2}));
}

}  // namespace
}  // namespace diabolo
