#include <diabolo/nn/dense.h>
#include <diabolo/prob/student.h>

#include <cmath>
#include <numbers>

namespace diabolo {
namespace {

constexpr double kFirstLogScale = -1, kLowestLogScale = -6, kHighestLogScale = 6;
// Degrees of freedom are 2 + softplus: the variance is finite, and 100 are as good as a normal.
constexpr double kFewest = 2.1, kFirstFreedom = 3, kMost = 100;

class StudentBatch final : public LikelihoodBatch {
 public:
  StudentBatch(Var location, Var log_scale, Var freedom)
      : location_(location), log_scale_(log_scale), freedom_(freedom) {}

  Var log_prob(Var x, const Shape& view) const override {
    const Var t = (x - seen(location_, view)) * exp(-seen(log_scale_, view));
    const Var half = 0.5 * (freedom_ + 1.0);
    const Var norm = lgamma(half) - lgamma(0.5 * freedom_) -
                     0.5 * (log(freedom_) + std::log(std::numbers::pi));  // [D]
    return norm - seen(log_scale_, view) - half * log1p(square(t) / freedom_);
  }

  Var mean() const override { return location_; }

  // A radius and an angle from two uniform numbers, without rejection (Bailey, 1994).
  Var sample(const Scope& scope) const override {
    const Var u = scope.uniform(location_.shape(), "radius");
    const Var v = scope.uniform(location_.shape(), "angle");
    const Var radius =
        sqrt(freedom_ * max(expm1(-2.0 * log(u) / freedom_), constant(u.graph(), 0)));
    return location_ + exp(log_scale_) * radius * cos(2 * std::numbers::pi * v);
  }

 private:
  // [R, D] as the batch sees it; what is the same for all rows stays.
  static Var seen(Var x, const Shape& view) { return x.shape().rank() == 2 ? reshape(x, view) : x; }

  Var location_;   // [R, D]
  Var log_scale_;  // [D] or [R, D]
  Var freedom_;    // [D]
};

class Student final : public Likelihood {
 public:
  explicit Student(const Settings& settings) : per_row_(has_word(settings, "per", "row")) {}

  std::unique_ptr<LikelihoodBatch> build(const Scope& scope, Var features,
                                         std::int64_t dimensions) const override {
    const Var location = dense(scope / "mean", features, dimensions);  // [R, D]
    const auto array = [&](const char* name, double first) {
      return scope.parameter(name, {dimensions}, {.kind = Init::constant, .value = first});
    };
    Var log_scale = array("log_scale", kFirstLogScale);                                   // [D]
    if (per_row_) log_scale = log_scale + dense(scope / "spread", features, dimensions);  // [R, D]
    const Var freedom = softplus(array("freedom", kFirstFreedom)) + kFewest;              // [D]
    return std::make_unique<StudentBatch>(
        location, clamp(log_scale, kLowestLogScale, kHighestLogScale), clamp(freedom, 0, kMost));
  }

  std::vector<Bounded> bounded() const override {
    return {{"log_scale", kLowestLogScale, kHighestLogScale}};
  }
  std::vector<ColumnStart> start_of_constant(double value, std::int64_t) const override {
    return {{"mean.weight", 0},
            {"mean.bias", value},
            {"log_scale", kLowestLogScale},
            {"spread.weight", 0},
            {"spread.bias", 0}};
  }

 private:
  bool per_row_;
};

}  // namespace

ComponentInfo<Likelihood> student_likelihood() {
  return {"student",
          "Student's t with learned scale and degrees of freedom: far values cost less",
          {{.name = "per",
            .help = "a learned scale for each dimension, or one that varies by row too",
            .fallback = "dimension",
            .words = {"dimension", "row"}}},
          [](const Settings& settings) { return std::make_unique<Student>(settings); }};
}

}  // namespace diabolo
