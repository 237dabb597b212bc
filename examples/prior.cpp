// A prior without a closed-form KL: a mixture of unit normals whose centres are trained along with
// the model. The KL is then estimated from the same draw as the bound. Written outside of the
// library, fitted, saved, loaded and sampled.
//   p(z) = sum_c N(z; centre_c, 1) / C
#include <diabolo/diabolo.h>
#include <diabolo/prob/normal.h>

#include <cmath>
#include <cstdio>

using namespace diabolo;

namespace {

class Centres final : public Prior {
 public:
  explicit Centres(const Settings& settings)
      : count_(static_cast<std::int64_t>(number(settings, "count"))) {}

  Var log_prob(const Scope& scope, Var z) const override {
    const std::int64_t Z = z.shape()[-1], C = count_, R = z.shape().size() / Z;
    const Var distance = reshape(z, {R, 1, Z}) - centres(scope, Z);              // [R, C, Z]
    const Var log_prob = sum(-0.5 * square(distance) - 0.5 * kLogTwoPi, {-1});   // [R, C]
    const Var all = logsumexp(log_prob, -1) - std::log(static_cast<double>(C));  // [R]
    return z.shape().rank() == 3 ? reshape(all, {z.shape()[0], z.shape()[1]}) : all;
  }

  Var sample(const Scope& scope, std::int64_t rows, std::int64_t latent) const override {
    // The centre with the largest of C uniform numbers: each is chosen equally often.
    const Var chosen = argmin(scope.uniform({rows, count_}, "centre"));  // [B]
    return gather(centres(scope, latent), chosen) + scope.normal({rows, latent}, "noise");
  }

 private:
  Var centres(const Scope& scope, std::int64_t latent) const {
    return scope.parameter("centres", {count_, latent}, {.kind = Init::normal, .value = 2});
  }
  std::int64_t count_;
};

Components with_centres() {
  Components components;
  components.priors.add(
      {"centres",
       "unit normals around trained centres",
       {{.name = "count", .help = "centres", .fallback = 4.0, .low = 1, .high = 1000}},
       [](const Settings& s) { return std::make_unique<Centres>(s); }});
  return components;
}

// Four clusters in the plane.
Dataset clusters(std::int64_t rows) {
  Tensor x(DType::f32, {rows, 2});
  RandomStream random({.seed = 3});
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto at = static_cast<std::size_t>(2 * i);
    x.as<float>()[at] = static_cast<float>((i % 2 ? 3 : -3) + 0.3 * random.normal());
    x.as<float>()[at + 1] = static_cast<float>((i % 4 < 2 ? 3 : -3) + 0.3 * random.normal());
  }
  return Dataset::from(std::move(x), "clusters");
}

}  // namespace

int main() try {
  const Dataset data = clusters(2000);
  const FitOptions options{
      .epochs = 40, .threads = 1, .components = {{"prior", "centres"}, {"prior.count", "4"}}};
  const Model model = fit(data, options, {.components = with_centres()});
  model.save("centres.safetensors");
  const Model same = load("centres.safetensors", with_centres());
  std::printf("elbo %.3f nats a row with centres, ", same.evaluate(data).elbo.value());
  std::printf("%.3f with the standard prior\n",
              fit(data, {.epochs = 40, .threads = 1}).evaluate(data).elbo.value());
  write(same.sample(1000), "centres.csv");
} catch (const Error& error) {
  std::fprintf(stderr, "prior: %s\n", error.message().c_str());
  return 1;
}
