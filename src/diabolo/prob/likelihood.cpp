#include <diabolo/nn/dense.h>
#include <diabolo/prob/categorical.h>
#include <diabolo/prob/likelihood.h>
#include <diabolo/prob/normal.h>
#include <diabolo/prob/student.h>

#include <cmath>
#include <limits>

namespace diabolo {
namespace {

// x in [0, 1] by its logit l:  x l - log(1 + e^l), stable for both signs.
class BernoulliBatch final : public LikelihoodBatch {
 public:
  explicit BernoulliBatch(Var logits) : logits_(logits) {}
  Var log_prob(Var x, const Shape& view) const override {
    const Var logits = reshape(logits_, view);
    return x * logits - softplus(logits);
  }
  Var mean() const override { return sigmoid(logits_); }
  Var sample(const Scope& scope) const override {
    return less(scope.uniform(logits_.shape(), "noise"), sigmoid(logits_));
  }

 private:
  Var logits_;  // [R, D]
};

class Bernoulli final : public Likelihood {
 public:
  std::unique_ptr<LikelihoodBatch> build(const Scope& scope, Var features,
                                         std::int64_t dimensions) const override {
    return std::make_unique<BernoulliBatch>(dense(scope / "logits", features, dimensions));
  }
  std::pair<double, double> range() const override { return {0, 1}; }
  bool is_mass() const override { return true; }
  // One more of each kind has been seen (Laplace).
  std::vector<ColumnStart> start_of_constant(double value, std::int64_t rows) const override {
    const auto n = static_cast<double>(rows);
    return {{"logits.weight", 0},
            {"logits.bias", std::log((value * n + 1) / ((1 - value) * n + 1))}};
  }
};

class NormalBatch final : public LikelihoodBatch {
 public:
  NormalBatch(Var mean, Var log_std) : mean_(mean), log_std_(log_std) {}
  Var log_prob(Var x, const Shape& view) const override {
    return normal_log_prob(x, reshape(mean_, view), log_std_);
  }
  Var mean() const override { return mean_; }
  Var sample(const Scope& scope) const override {
    return mean_ + exp(log_std_) * scope.normal(mean_.shape(), "noise");
  }

 private:
  Var mean_;     // [R, D]
  Var log_std_;  // [D], [1] or []
};

// A learned scale begins below the data's own (e^-1): starting at 1, the decoder can settle for the
// mean before the codes carry anything. It is bounded below, or a column of few distinct values
// would send the density to infinity.
constexpr double kFirstLogStd = -1, kLowestLogStd = -6, kHighestLogStd = 6;

class Normal final : public Likelihood {
 public:
  explicit Normal(const Settings& settings)
      : scale_(number(settings, "scale", 0)), shared_(has_word(settings, "per", "all")) {}

  std::unique_ptr<LikelihoodBatch> build(const Scope& scope, Var features,
                                         std::int64_t dimensions) const override {
    const Var mean = dense(scope / "mean", features, dimensions);  // [R, D]
    if (scale_ > 0)
      return std::make_unique<NormalBatch>(mean, constant(scope.graph(), std::log(scale_)));
    const Var log_std = scope.parameter("log_std", {shared_ ? 1 : dimensions},
                                        {.kind = Init::constant, .value = kFirstLogStd});
    return std::make_unique<NormalBatch>(mean, clamp(log_std, kLowestLogStd, kHighestLogStd));
  }

  std::vector<Bounded> bounded() const override {
    return {{"log_std", kLowestLogStd, kHighestLogStd}};
  }
  std::vector<ColumnStart> start_of_constant(double value, std::int64_t) const override {
    std::vector<ColumnStart> start{{"mean.weight", 0}, {"mean.bias", value}};
    if (!shared_) start.push_back({"log_std", kLowestLogStd});
    return start;
  }

 private:
  double scale_;  // 0: learned
  bool shared_;
};

}  // namespace

std::pair<double, double> Likelihood::any_number() {
  const double infinity = std::numeric_limits<double>::infinity();
  return {-infinity, infinity};
}

ComponentTable<Likelihood> likelihoods() {
  return {"likelihood",
          {{"bernoulli",
            "0/1 values, or grey values in [0, 1], by their logits",
            {},
            [](const Settings&) { return std::make_unique<Bernoulli>(); }},
           {"normal",
            "normal; with a fixed scale the squared error",
            {{.name = "scale",
              .help = "standard deviation in the network's units, or learned",
              .fallback = "learned",
              .low = 1e-6,
              .high = 1e6,
              .words = {"learned"}},
             {.name = "per",
              .help = "a learned scale for each dimension, or one for all",
              .fallback = "dimension",
              .words = {"dimension", "all"}}},
            [](const Settings& settings) { return std::make_unique<Normal>(settings); }},
           student_likelihood(),
           categorical_likelihood(),
           bins_likelihood()}};
}

}  // namespace diabolo
