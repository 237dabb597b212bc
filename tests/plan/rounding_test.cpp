// Plans of Precision::bf16: what is rounded, where, how often, and what comes out.
#include <diabolo/kernels/bf16.h>
#include <gtest/gtest.h>
#include <plan/evaluate.h>

#include <cmath>
#include <cstring>

namespace diabolo {
namespace {

const PlanOptions kBf16{.precision = kernels::Precision::bf16};
constexpr std::int64_t B = 64, D = 200, H = 128, kBefore = 3;  // parameters before the weights

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// y = relu(x W + bias), z = x^T y, w = y W^T: x and y are read by two large products each.
struct TwoReaders {
  explicit TwoReaders(const PlanOptions& options)
      : plan(make(options)), workspace(plan.make_workspace()) {
    std::uint32_t state = 1;
    for (Tensor* t : {&x, &parameters})
      for (float& v : t->as<float>()) {
        state = state * 1664525u + 1013904223u;
        v = static_cast<float>(state >> 8) * 0x1p-24f - 0.5f;
      }
    kernels::bf16_kernels(kernels::best_level())
        .round(parameters.as<float>().data(), rounded.data(), parameters.size());
    bind("x", x.data());
    bind("parameters", parameters.data());
    bind("parameters_bf16", rounded.data());
    bind("z", z.data());
    bind("w", w.data());
  }

  static Plan make(const PlanOptions& options) {
    Graph graph;
    const Var x = input(graph, "x", DType::f32, {B, D});
    const Var W = parameter(graph, "W", {D, H}, kBefore);
    const Var bias = parameter(graph, "bias", {H}, kBefore + D * H);
    const Var y = relu(matmul(x, W) + bias);
    const std::vector<Output> outputs{{matmul(x, y, true, false), "z"},
                                      {matmul(y, W, false, true), "w"}};
    return Plan(graph, outputs, options);
  }
  void bind(const char* slot, const void* memory) {
    if (plan.slot(slot) >= 0) workspace.bind(plan.slot(slot), memory);
  }

  Plan plan;
  Workspace workspace;
  Tensor x = Tensor(DType::f32, {B, D}), parameters = Tensor(DType::f32, {kBefore + D * H + H});
  std::vector<std::uint16_t> rounded = std::vector<std::uint16_t>(kBefore + D * H + H);
  Tensor z = Tensor(DType::f32, {D, H}), w = Tensor(DType::f32, {B, D});
};

class Rounding : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kernels::have_bf16()) GTEST_SKIP() << "this processor or this build has no bfloat16";
  }
};

TEST_F(Rounding, is_done_once_for_all_products_that_read_an_array) {
  const std::string text = TwoReaders(kBf16).plan.describe();
  EXPECT_EQ(count(text, "(bf16)"), 3) << text;
  EXPECT_EQ(count(text, "round "), 2) << text;
}

TEST_F(Rounding, of_parameters_is_the_callers) {
  const TwoReaders two(kBf16);
  EXPECT_EQ(two.plan.slot_bytes(two.plan.slot("parameters_bf16")), (kBefore + D * H) * 2u);
  EXPECT_EQ(TwoReaders({}).plan.slot("parameters_bf16"), -1);
}

TEST_F(Rounding, changes_results_by_the_precision_of_the_format) {
  TwoReaders f32({}), bf16(kBf16);
  f32.plan.run(f32.workspace);
  bf16.plan.run(bf16.workspace);
  const auto compare = [](const Tensor& found, const Tensor& exact) {
    double error = 0, size = 0;
    for (std::int64_t i = 0; i < exact.size(); ++i) {
      const double e = static_cast<double>(exact.as<float>()[static_cast<std::size_t>(i)]);
      error += std::pow(static_cast<double>(found.as<float>()[static_cast<std::size_t>(i)]) - e, 2);
      size += e * e;
    }
    EXPECT_GT(error, 0);
    EXPECT_LT(std::sqrt(error / size), 0x1p-8);
  };
  compare(bf16.z, f32.z);
  compare(bf16.w, f32.w);
  const std::vector<float> before(bf16.z.as<float>().begin(), bf16.z.as<float>().end());
  bf16.plan.run(bf16.workspace);
  EXPECT_EQ(std::memcmp(before.data(), bf16.z.data(), bf16.z.bytes()), 0);
}

// A hidden layer's gradient: a sum of two products, gated, with the sums of its columns.
TEST_F(Rounding, goes_with_what_follows_a_product) {
  Graph g;
  const auto matrix = [&](const char* name, std::int64_t rows, std::int64_t columns) {
    return input(g, name, DType::f32, {rows, columns});
  };
  const Var a = matrix("a", B, D), c = matrix("c", B, D);
  const Var both = matmul(a, matrix("b", D, H)) + matmul(c, matrix("d", D, H));
  const Var y = select(less(constant(g, 0), matrix("h", B, H)), both, constant(g, 0));
  const Var outputs[] = {sum(y, {0}), matmul(a, y, true, false)};
  testing::Inputs inputs;
  std::uint32_t state = 1;
  for (const char* name : {"a", "b", "c", "d", "h"})
    for (std::int64_t i = 0; i < D * H; ++i) {
      state = state * 1664525u + 1013904223u;
      inputs[name].push_back(static_cast<double>(state >> 8) * 0x1p-24 - 0.5);
    }
  testing::Runner bf16(g, outputs, kBf16), f32(g, outputs);
  const auto found = bf16.run(inputs), exact = f32.run(inputs);
  const std::string text = bf16.plan().describe();
  EXPECT_EQ(count(text, "+ old gated, column sums (bf16)"), 1) << text;
  EXPECT_EQ(count(text, "(bf16)"), 3) << text;
  for (std::size_t o = 0; o < exact.size(); ++o) {
    double error = 0, size = 0;
    for (std::size_t i = 0; i < exact[o].size(); ++i) {
      error += std::pow(found[o][i] - exact[o][i], 2);
      size += exact[o][i] * exact[o][i];
    }
    EXPECT_GT(error, 0);
    EXPECT_LT(std::sqrt(error / size), 0x1p-7) << o;
  }
  EXPECT_EQ(bf16.run(inputs), found);
}

TEST_F(Rounding, leaves_small_products_in_f32) {
  Graph graph;
  const Var x = input(graph, "x", DType::f32, {4, D});
  const std::vector<Output> outputs{{matmul(x, parameter(graph, "W", {D, H}, 0)), "y"}};
  const Plan plan(graph, outputs, kBf16);
  EXPECT_EQ(plan.steps(), 1);
  EXPECT_EQ(plan.slot("parameters_bf16"), -1);
}

}  // namespace
}  // namespace diabolo
