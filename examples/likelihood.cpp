// A likelihood that the library does not have: Laplace, whose mode is the median and whose tails
// are heavier than the normal's. Written outside of the library, fitted, saved, loaded and sampled.
//   p(x|z) = e^(-|x - median| / b) / (2 b)
#include <diabolo/diabolo.h>
#include <diabolo/nn/dense.h>

#include <cmath>
#include <cstdio>

using namespace diabolo;

namespace {

class LaplaceBatch final : public LikelihoodBatch {
 public:
  LaplaceBatch(Var median, Var log_b) : median_(median), log_b_(log_b) {}
  Var log_prob(Var x, const Shape& view) const override {
    return -abs(x - reshape(median_, view)) * exp(-log_b_) - log_b_ - std::log(2.0);
  }
  Var mean() const override { return median_; }
  Var sample(const Scope& scope) const override {
    // The inverse of the distribution function, at u - 1/2 in (-1/2, 1/2).
    const Var u = scope.uniform(median_.shape(), "noise") - 0.5;
    const Var sign = 1.0 - 2.0 * less(u, constant(scope.graph(), 0));
    return median_ - exp(log_b_) * sign * log1p(-2.0 * abs(u));
  }

 private:
  Var median_;  // [R, D]
  Var log_b_;   // [D]
};

class Laplace final : public Likelihood {
 public:
  std::unique_ptr<LikelihoodBatch> build(const Scope& scope, Var features,
                                         std::int64_t dimensions) const override {
    const Var median = dense(scope / "median", features, dimensions);
    const Var log_b = scope.parameter("log_b", {dimensions}, {.kind = Init::constant, .value = -1});
    return std::make_unique<LaplaceBatch>(median, clamp(log_b, -6, 6));
  }
};

Components with_laplace() {
  Components components;
  components.likelihoods.add({"laplace", "Laplace, by its median", {}, [](const Settings&) {
                                return std::make_unique<Laplace>();
                              }});
  return components;
}

// A curve in three dimensions with heavy-tailed noise.
Dataset curve(std::int64_t rows) {
  Tensor x(DType::f32, {rows, 3});
  RandomStream random({.seed = 2});
  for (std::int64_t i = 0; i < rows; ++i) {
    const double t = 4 * random.uniform() - 2;
    const double point[] = {t, t * t, std::sin(2 * t)};
    for (std::int64_t d = 0; d < 3; ++d)
      x.as<float>()[static_cast<std::size_t>(3 * i + d)] =
          static_cast<float>(point[d] + 0.05 * random.normal() / std::sqrt(random.uniform()));
  }
  return Dataset::from(std::move(x), "curve");
}

}  // namespace

int main() try {
  const Dataset data = curve(2000);
  const Model model = fit(data, {.likelihood = "laplace", .epochs = 30, .threads = 1},
                          {.components = with_laplace()});
  model.save("laplace.safetensors");
  const Model same = load("laplace.safetensors", with_laplace());
  std::printf("elbo %.3f nats a row with laplace, ", same.evaluate(data).elbo.value());
  std::printf(
      "%.3f with normal\n",
      fit(data, {.likelihood = "normal", .epochs = 30, .threads = 1}).evaluate(data).elbo.value());
  write(same.sample(1000), "laplace.csv");

  // Without the component, the file says what it needs.
  try {
    load("laplace.safetensors");
    return 1;
  } catch (const Error& error) {
    std::printf("without it: %s\n", error.message().c_str());
  }
} catch (const Error& error) {
  std::fprintf(stderr, "likelihood: %s\n", error.message().c_str());
  return 1;
}
