// The gradient of the whole loss against central differences in double, for every preset and every
// entry of every component table, with every word of its settings.
#include <diabolo/base/random.h>
#include <diabolo/models/presets.h>
#include <gtest/gtest.h>
#include <models/tiny_model.h>

#include <cmath>
#include <limits>

namespace diabolo::gradient_test {
namespace {

using testing::evaluate;
using testing::TinyModel;
using testing::Values;

constexpr std::int64_t B = 3, D = 4, Z = 2;
constexpr double kHole = std::numeric_limits<double>::quiet_NaN();

struct Case {
  std::string name;
  Composition composition;
  std::int64_t dimensions = D;
  Values x = {};        // [B, dimensions]; empty: some
  bool masked = false;  // the loss of the encoder of partial rows instead
};

Composition small(Composition c) {
  c.latent = Z;
  for (ComponentChoice* network : {&c.encoder, &c.decoder}) {
    network->settings["hidden"] = "3,2";
    network->settings["activation"] = "tanh";
  }
  return c;
}

// `family` replaced by each entry of its table, with the defaults and with each word it knows.
template <class T>
void add_entries(std::vector<Case>& cases, const ComponentTable<T>& table, const std::string& role,
                 ComponentChoice Composition::* family) {
  for (const ComponentInfo<T>& entry : table.entries()) {
    Composition c = small(preset("vae").composition);
    if ((c.*family).type != entry.name) (c.*family) = {entry.name, {}};
    if (entry.name == "deterministic") c.objective = {"reconstruction", {}};
    cases.push_back({role + " " + entry.name, c});
    for (const SettingInfo& setting : entry.settings)
      for (const std::string& word : setting.words) {
        (c.*family).settings[setting.name] = word;
        cases.push_back({fmt::format("{} {} {}={}", role, entry.name, setting.name, word), c});
      }
  }
}

// A table with every likelihood, cells missing, a row of which all are.
const Values kTable = {0.3,   -1,    0.4,   0.5,   3.2,   1,     2,     0,  //
                       kHole, 0.7,   kHole, 2.4,   kHole, kHole, kHole, 3,  //
                       kHole, kHole, kHole, kHole, kHole, kHole, kHole, kHole};

void add_tables(std::vector<Case>& cases) {
  Composition c = small(preset("vae").composition);
  c.columns = {{{"normal", {}}, 2},
               {{"student", {{"per", "row"}}}, 1},
               {{"bins", {{"levels", "3,4"}}}, 2},
               {{"bernoulli", {}}, 1},
               {{"categorical", {{"levels", "3,4"}}}, 2}};
  c.missing = true;
  cases.push_back({"table", c, 8, kTable});
  c.objective = {"iwae", {}};
  cases.push_back({"table iwae", c, 8, kTable});
  c.partial = true;
  cases.push_back({"table masked", c, 8, kTable, true});
  Composition array = small(preset("vae").composition);
  array.missing = array.partial = true;
  const Values holes = {0.3, kHole, 0.4, 0.5, kHole, kHole, kHole, kHole, 0.1, 0.2, 0.7, kHole};
  cases.push_back({"array with holes", array, D, holes});
  cases.push_back({"array masked", array, D, holes, true});
}

std::vector<Case> all_cases() {
  const Components components;
  std::vector<Case> cases;
  for (const Preset& p : presets()) cases.push_back({"preset " + p.name, small(p.composition)});
  add_entries(cases, components.networks, "encoder", &Composition::encoder);
  add_entries(cases, components.networks, "decoder", &Composition::decoder);
  add_entries(cases, components.posteriors, "posterior", &Composition::posterior);
  add_entries(cases, components.priors, "prior", &Composition::prior);
  add_entries(cases, components.likelihoods, "likelihood", &Composition::likelihood);
  add_entries(cases, components.objectives, "objective", &Composition::objective);
  add_tables(cases);
  return cases;
}

// State as after training: what is fitted is fitted to spread codes, the rest as it begins.
Values some_state(const TinyModel& m) {
  Values state = TinyModel::initial(m.state, 0);
  if (!m.vae.prior().is_fitted()) return state;
  RandomStream random({.seed = 9});
  std::vector<float> codes(400 * Z);
  for (float& x : codes) x = static_cast<float>(random.normal() + (random.uniform() < 0.5 ? 2 : 0));
  ThreadPool pool(1);
  m.vae.prior().fit(codes, Z, 1, {}, pool,
                    [&](const std::string& name, std::span<const double> values) {
                      for (const ParameterInfo& info : m.state.all())
                        if (info.name == "prior." + name)
                          std::copy(values.begin(), values.end(), state.begin() + info.offset);
                    });
  return state;
}

double dot(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(gradient, agrees_with_central_differences_for_every_component) {
  double worst = 0;
  for (const Case& c : all_cases()) {
    for (const std::int64_t draws : {1, 3}) {
      SCOPED_TRACE(fmt::format("{}, {} draws", c.name, draws));
      TinyModel m(c.composition, {}, B, c.dimensions, DType::f64, draws);
      if (c.masked) {
        const Scope scope(m.graph, m.parameters, m.state,
                          {.keys = m.keys, .stream = Stream::train});
        m.total = mean(m.vae.masked_loss(scope, m.x));
      }
      RandomStream random({.seed = 4});
      Values parameters = TinyModel::initial(m.parameters, 7);
      for (double& p : parameters) p += 0.1 * random.normal();  // biases too
      Values x = c.x;
      if (x.empty())
        for (std::int64_t i = 0; i < B * D; ++i) x.push_back(random.uniform());
      std::map<std::string, Values> given = {{"x", x},
                                             {"keys", {1, 2, 3}},
                                             {"warmup", {0.8}},
                                             {"parameters", parameters},
                                             {"state", some_state(m)}};
      const auto slopes = evaluate(m.graph, m.gradient(), given);
      const auto loss = [&](const Values& at) {
        given["parameters"] = at;
        return evaluate(m.graph, std::vector{m.total}, given)[0][0];
      };
      const double scale = std::abs(loss(parameters));
      ASSERT_TRUE(std::isfinite(scale));
      for (std::size_t i = 0; i < slopes.size(); ++i) {
        const ParameterInfo& info = m.parameters.all()[i];
        constexpr double kStep = 1e-5;
        Values direction(slopes[i].size()), up = parameters, down = parameters;
        for (std::size_t j = 0; j < direction.size(); ++j) {
          direction[j] = random.normal();
          up[static_cast<std::size_t>(info.offset) + j] += kStep * direction[j];
          down[static_cast<std::size_t>(info.offset) + j] -= kStep * direction[j];
        }
        const double expected = (loss(up) - loss(down)) / (2 * kStep);
        const double error = std::abs(dot(slopes[i], direction) - expected);
        EXPECT_LT(error, 1e-7 * (std::abs(expected) + scale)) << info.name;
        worst = std::max(worst, error / (std::abs(expected) + scale));
      }
    }
  }
  RecordProperty("worst_relative_error", fmt::format("{:.2g}", worst));
}

}  // namespace
}  // namespace diabolo::gradient_test
