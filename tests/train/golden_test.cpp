// Losses, gradients and Adam steps against PyTorch: tests/golden/make_golden.py.
#include <diabolo/io/safetensors.h>
#include <diabolo/kernels/optimizer.h>
#include <diabolo/models/presets.h>
#include <gtest/gtest.h>
#include <models/tiny_model.h>

#include <cmath>

namespace diabolo::golden_test {
namespace {

using testing::evaluate;
using testing::TinyModel;
using testing::Values;

constexpr std::int64_t B = 6, D = 7, K = 4;
constexpr double kMultiplier = 2.5;  // of constrained-vae

class Golden : public ::testing::TestWithParam<const char*> {
 protected:
  Golden() : file_(read_safetensors(DIABOLO_TEST_DATA "/../golden/vae.safetensors")) {}

  bool has(const std::string& name) const { return find(name) != nullptr; }

  Values get(const std::string& name) const {
    const Tensor* tensor = find(name);
    ensure(tensor, "test", name + " in the golden file");
    Values values;
    if (tensor->dtype() == DType::f64)
      values.assign(tensor->as<double>().begin(), tensor->as<double>().end());
    else
      values.assign(tensor->as<float>().begin(), tensor->as<float>().end());
    return values;
  }

  Composition composition() const {
    const std::string name = GetParam();
    Composition c = preset(name.starts_with("vae") ? "vae" : name).composition;
    c.latent = 3;
    const bool is_tanh = name == "vae-normal" || name == "constrained-vae";
    const Setting activation = is_tanh ? "tanh" : "relu";
    c.encoder.settings = {{"hidden", "5,4"}, {"activation", activation}};
    c.decoder.settings = {{"hidden", "4,5"}, {"activation", activation}};
    const bool is_bernoulli = name == "vae-bernoulli" || name == "constrained-vae";
    c.likelihood = {is_bernoulli ? "bernoulli" : "normal", {}};
    return c;
  }

  Transform transform() const {
    Transform t;
    if (GetParam() != std::string("vae-normal")) return t;
    t.shift.clear();
    t.scale.clear();
    for (int d = 0; d < D; ++d) {
      t.shift.push_back(d - 2.0);
      t.scale.push_back(0.5 + 0.25 * d);
    }
    return t;
  }

  TinyModel model(DType real, std::int64_t draws = 1) const {
    return {composition(), Components(), B, D, real, draws, transform()};
  }

  std::map<std::string, Values> inputs(const TinyModel& m, const std::string& noise) const {
    Values parameters, state;
    for (const ParameterInfo& info : m.parameters.all())
      m.set(parameters, info.name, get("begin." + info.name));
    if (GetParam() == std::string("constrained-vae"))
      m.set(state, "objective.log_multiplier", {std::log(kMultiplier)});
    state.resize(static_cast<std::size_t>(m.state.size()));
    return {{"x", get("x")},
            {"posterior.noise", get(noise)},
            {"warmup", {1}},
            {"parameters", parameters},
            {"state", state}};
  }

  // The largest difference of a tensor over its norm, or over 1 where that is tiny.
  void expect_close(const Values& got, const Values& expected, double tolerance,
                    const std::string& what) {
    ASSERT_EQ(got.size(), expected.size()) << what;
    double norm = 0, error = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      norm += expected[i] * expected[i];
      error = std::max(error, std::abs(got[i] - expected[i]));
    }
    EXPECT_LE(error, tolerance * std::max(std::sqrt(norm), 1e-6)) << what;
    worst_ = std::max(worst_, error / std::max(std::sqrt(norm), 1e-6));
  }

  void report() { RecordProperty("worst_relative_error", fmt::format("{:.2g}", worst_)); }

  double worst_ = 0;

 private:
  const Tensor* find(const std::string& name) const {
    const std::string full = std::string(GetParam()) + "/" + name;
    for (const auto& [known, tensor] : file_.tensors)
      if (known == full) return &tensor;
    return nullptr;
  }
  TensorFile file_;
};

TEST_P(Golden, loss_terms_and_gradients_in_double) {
  TinyModel m = model(DType::f64);
  std::vector<Var> outputs{m.total, m.terms.log_px};
  for (const Var g : m.gradient()) outputs.push_back(g);
  if (m.terms.kl) outputs.push_back(m.terms.kl);
  const auto got = evaluate(m.graph, outputs, inputs(m, "noise"), {.bind_noise = true});
  expect_close(got[0], get("loss"), 1e-9, "loss");
  expect_close(got[1], get("log_px"), 1e-9, "log_px");
  for (std::size_t i = 0; i < m.parameters.all().size(); ++i) {
    const std::string& name = m.parameters.all()[i].name;
    expect_close(got[2 + i], get("gradient." + name), 1e-9, name);
  }
  EXPECT_EQ(has("kl"), static_cast<bool>(m.terms.kl));
  if (m.terms.kl) expect_close(got.back(), get("kl"), 1e-9, "kl");
  report();
}

TEST_P(Golden, importance_weights_in_double) {
  TinyModel m = model(DType::f64, K);
  ASSERT_EQ(has("log_w"), m.vae.has_bound());
  if (!m.vae.has_bound()) return;
  const auto got = evaluate(m.graph, std::vector{m.terms.log_px + m.terms.log_pz - m.terms.log_qz},
                            inputs(m, "noise_k"), {.bind_noise = true});
  expect_close(got[0], get("log_w"), 1e-9, "log_w");
  report();
}

TEST_P(Golden, gradients_in_float) {
  for (const auto mode : {kernels::Mode::fast, kernels::Mode::reproducible}) {
    TinyModel m = model(DType::f32);
    const auto got =
        evaluate(m.graph, m.gradient(), inputs(m, "noise"), {.mode = mode, .bind_noise = true});
    for (std::size_t i = 0; i < got.size(); ++i) {
      const std::string& name = m.parameters.all()[i].name;
      expect_close(got[i], get("gradient." + name), 1e-5, name);
    }
  }
  report();
}

TEST_P(Golden, parameters_after_ten_adam_steps_in_float) {
  TinyModel m = model(DType::f32);
  const std::vector<Var> gradient = m.gradient();
  auto given = inputs(m, "noise");
  const auto n = static_cast<std::size_t>(m.parameters.size());
  std::vector<float> p(given["parameters"].begin(), given["parameters"].end());
  p.resize(n);
  std::vector<float> g(n), m1(n), m2(n);
  const auto& kernels = kernels::optimizer_kernels(kernels::best_level());
  for (int t = 1; t <= 10; ++t) {
    given["parameters"] = Values(p.begin(), p.end());
    const auto got = evaluate(m.graph, gradient, given, {.bind_noise = true});
    for (std::size_t i = 0; i < got.size(); ++i)
      std::transform(got[i].begin(), got[i].end(), g.begin() + m.parameters.all()[i].offset,
                     [](double x) { return static_cast<float>(x); });
    kernels.adam(p.data(), g.data(), m1.data(), m2.data(), static_cast<std::int64_t>(n),
                 {.learning_rate = 1e-3f,
                  .beta1 = 0.9f,
                  .beta2 = 0.999f,
                  .epsilon = 1e-8f,
                  .correction1 = static_cast<float>(1 / (1 - std::pow(0.9, t))),
                  .correction2 = static_cast<float>(1 / (1 - std::pow(0.999, t))),
                  .decay = 0,
                  .gradient_scale = 1});
  }
  for (const ParameterInfo& info : m.parameters.all()) {
    const auto begin = p.begin() + info.offset;
    expect_close(Values(begin, begin + info.shape.size()), get("after." + info.name), 1e-4,
                 info.name);
  }
  report();
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden,
                         ::testing::Values("vae-bernoulli", "vae-normal", "beta-vae",
                                           "constrained-vae", "ae"),
                         [](const auto& golden) {
                           std::string name = golden.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace diabolo::golden_test
