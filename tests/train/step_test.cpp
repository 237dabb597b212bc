// One training step: shards, ragged batches, the optimiser, and what happens when it diverges.
#include <diabolo/kernels/bf16.h>
#include <diabolo/kernels/optimizer.h>
#include <diabolo/models/presets.h>
#include <gtest/gtest.h>
#include <models/tiny_model.h>
#include <support/allocations.h>
#include <train/tiny_fit.h>

#include <cmath>
#include <cstring>

namespace diabolo {
namespace {

using testing::all_rows;
using testing::as_floats;
using testing::curve;
using testing::quick;
using testing::stripes;
using testing::TinyFit;
using testing::TinyModel;
using testing::Values;

// Parameters after the given batches, and the last metrics.
struct Outcome {
  std::vector<float> values;
  StepMetrics metrics;
};

Outcome steps(const FitOptions& options, const Dataset& data,
              const std::vector<std::vector<std::int64_t>>& batches, int threads = 1,
              double rate = 1e-2, double warmup = 1) {
  TinyFit fit(options, data);
  ThreadPool pool(threads);
  const Vae vae = make_vae(fit.model, {});
  TrainingStep step(fit.model, vae, fit.job, data, pool, fit.state.model);
  Outcome o;
  for (const auto& batch : batches) o.metrics = step.run(batch, 1, rate, warmup);
  o.values = fit.values();
  return o;
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_NEAR(static_cast<double>(a[i]), static_cast<double>(b[i]), tolerance) << i;
}

TEST(training_step, is_adam_on_the_mean_loss_of_the_batch) {
  const Dataset data = curve(5, 3);
  for (const Preset& p : presets()) {
    SCOPED_TRACE(p.name);
    FitOptions options = quick(p.name);
    options.batch_size = 5;
    options.scale = "none";
    TinyFit fit(options, data);
    TinyModel m(fit.job.composition, {}, 5, 3, DType::f32);
    const auto x = data.values.as<float>();
    const auto state = fit.model.state_values.as<float>();
    std::map<std::string, Values> given = {{"x", Values(x.begin(), x.end())},
                                           {"keys", {0, 1, 2, 3, 4}},
                                           {"warmup", {0.5}},
                                           {"state", Values(state.begin(), state.end())}};
    std::vector<float> v = fit.values(), g(v.size()), m1(v.size()), m2(v.size());
    given["parameters"] = Values(v.begin(), v.end());
    std::vector<Var> outputs = m.gradient();
    outputs.push_back(m.total);
    const auto got = testing::evaluate(m.graph, outputs, given, {}, {.seed = 0, .pass = 1});
    for (std::size_t i = 0; i + 1 < got.size(); ++i)
      for (std::size_t j = 0; j < got[i].size(); ++j)
        g[static_cast<std::size_t>(m.parameters.all()[i].offset) + j] =
            static_cast<float>(got[i][j]);
    kernels::optimizer_kernels(kernels::best_level())
        .adam(v.data(), g.data(), m1.data(), m2.data(), static_cast<std::int64_t>(v.size()),
              {.learning_rate = 1e-2f,
               .beta1 = 0.9f,
               .beta2 = 0.999f,
               .epsilon = 1e-8f,
               .correction1 = static_cast<float>(1 / (1 - 0.9)),
               .correction2 = static_cast<float>(1 / (1 - 0.999)),
               .decay = 0,
               .gradient_scale = 1});
    const Outcome o = steps(options, data, {{0, 1, 2, 3, 4}}, 1, 1e-2, 0.5);
    EXPECT_NEAR(o.metrics.loss, got.back()[0], 1e-5 * std::abs(got.back()[0]));
    double norm = 0;
    for (const float s : g) norm += static_cast<double>(s) * static_cast<double>(s);
    EXPECT_NEAR(o.metrics.gradient_norm, std::sqrt(norm), 1e-5 * std::sqrt(norm));
    // A first step is the sign of the gradient where that is not tiny.
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (std::abs(g[i]) <= 1e-4f) continue;
      EXPECT_NEAR(static_cast<double>(v[i]), static_cast<double>(o.values[i]), 1e-5) << i;
    }
  }
}

TEST(training_step, ragged_batch_gives_the_gradient_of_its_rows_alone) {
  const Dataset data = curve(40, 3);
  const std::vector<std::int64_t> rows = {3, 17, 5, 30, 31, 7, 22};
  for (const char* mode : {"fast", "reproducible"})
    for (const int threads : {1, 3}) {
      SCOPED_TRACE(fmt::format("{}, {} threads", mode, threads));
      FitOptions exact = quick(), large = quick();
      exact.mode = large.mode = mode;
      exact.batch_size = 7;
      large.batch_size = 40;
      const Outcome a = steps(exact, data, {rows}, threads),
                    b = steps(large, data, {rows}, threads);
      EXPECT_NEAR(a.metrics.loss, b.metrics.loss, 1e-5);
      EXPECT_NEAR(a.metrics.kl, b.metrics.kl, 1e-5);
      EXPECT_NEAR(a.metrics.log_px, b.metrics.log_px, 1e-5);
      EXPECT_NEAR(a.metrics.mean[0], b.metrics.mean[0], 1e-6);
      EXPECT_NEAR(a.metrics.gradient_norm, b.metrics.gradient_norm, 1e-5);
      expect_near(a.values, b.values, 2e-5);
    }
}

TEST(training_step, batch_of_one_row_works) {
  const Dataset data = curve(4, 3);
  for (const Preset& p : presets()) {
    FitOptions options = quick(p.name);
    options.batch_size = 1;
    const Outcome o = steps(options, data, {{2}, {3}}, 3);
    EXPECT_TRUE(std::isfinite(o.metrics.loss)) << p.name;
  }
}

TEST(training_step, shards_share_the_work_without_changing_the_gradient) {
  const Dataset data = curve(64, 5);
  FitOptions options = quick();
  options.batch_size = 64;
  const Outcome one = steps(options, data, {all_rows(data)}, 1);
  for (const int threads : {2, 3, 5}) {
    const Outcome many = steps(options, data, {all_rows(data)}, threads);
    EXPECT_NEAR(one.metrics.loss, many.metrics.loss, 1e-5);
    EXPECT_NEAR(one.metrics.gradient_norm, many.metrics.gradient_norm, 1e-5);
  }
}

TEST(training_step, reproducible_mode_gives_the_same_bits_with_any_number_of_threads) {
  const Dataset data = curve(200, 5);
  FitOptions options = quick("constrained-vae");
  options.mode = "reproducible";
  options.batch_size = 100;
  const std::vector<std::int64_t> rows = all_rows(data);
  const std::vector<std::vector<std::int64_t>> batches = {{rows.begin(), rows.begin() + 100},
                                                          {rows.begin() + 100, rows.end() - 31}};
  const Outcome one = steps(options, data, batches, 1);
  for (const int threads : {2, 3, 5}) {
    const Outcome many = steps(options, data, batches, threads);
    EXPECT_EQ(one.values, many.values);
    EXPECT_EQ(one.metrics.loss, many.metrics.loss);
  }
}

TEST(training_step, bytes_as_floats_give_the_same_step) {
  const Dataset data = stripes(16, 6), floats = as_floats(data);
  FitOptions options = quick();
  options.likelihood = "bernoulli";
  TinyFit a(options, data);
  TinyFit b(options, data);  // the transform of the bytes
  ThreadPool pool(1);
  const Vae vae = make_vae(a.model, {});
  TrainingStep(a.model, vae, a.job, data, pool, a.state.model).run(all_rows(data), 1, 1e-2, 1);
  TrainingStep(b.model, vae, b.job, floats, pool, b.state.model).run(all_rows(data), 1, 1e-2, 1);
  EXPECT_EQ(a.values(), b.values());
}

TEST(training_step, noise_belongs_to_the_row_and_not_to_its_place) {
  const Dataset data = curve(6, 3);
  FitOptions options = quick();
  options.batch_size = 6;
  const double loss = steps(options, data, {{0, 1, 2, 3, 4, 5}}).metrics.loss;
  EXPECT_NEAR(steps(options, data, {{4, 2, 5, 1, 0, 3}}).metrics.loss, loss, 1e-5);
  EXPECT_NEAR(steps(options, data, {{4, 2, 5, 1, 0, 3}}, 3).metrics.loss, loss, 1e-5);
}

TEST(training_step, noise_and_binarisation_are_drawn_anew_in_each_pass) {
  for (const char* model : {"ae", "vae"}) {  // an ae has the noise of binarisation alone
    const Dataset data = stripes(16, 20);
    FitOptions options = quick(model);
    options.binarize = "dynamic";
    TinyFit fit(options, data);
    ThreadPool pool(1);
    const Vae vae = make_vae(fit.model, {});
    TrainingStep step(fit.model, vae, fit.job, data, pool, fit.state.model);
    const auto loss = [&](std::uint64_t pass) { return step.run(all_rows(data), pass, 0, 1).loss; };
    const double first = loss(1);
    EXPECT_NE(loss(2), first);
    EXPECT_EQ(loss(1), first);
  }
}

TEST(training_step, gradient_is_clipped_to_its_largest_norm) {
  // Adam does not see the scale of a gradient that is the same in every step; its epsilon does.
  const Dataset data = curve(16, 3);
  FitOptions options = quick();
  const Outcome free = steps(options, data, {all_rows(data)});
  options.clip_norm = 1e9;
  EXPECT_EQ(steps(options, data, {all_rows(data)}).values, free.values);
  options.clip_norm = 1e-12;
  const std::vector<float> clipped = steps(options, data, {all_rows(data)}).values;
  const std::vector<float> begin = TinyFit(options, data).values();
  double moved = 0;
  for (std::size_t i = 0; i < begin.size(); ++i)
    moved =
        std::max(moved, std::abs(static_cast<double>(clipped[i]) - static_cast<double>(begin[i])));
  EXPECT_GT(moved, 0);
  EXPECT_LT(moved, 1e-2 * 1e-12 / 1e-8);
}

TEST(training_step, adamw_decays_weights_apart_from_the_gradient) {
  const Dataset data = curve(16, 3);
  FitOptions options = quick();
  const std::vector<float> begin = TinyFit(options, data).values();
  const Outcome adam = steps(options, data, {all_rows(data)});
  options.optimizer = "adamw";
  options.weight_decay = 0.5;
  const Outcome adamw = steps(options, data, {all_rows(data)});
  for (std::size_t i = 0; i < begin.size(); ++i)
    EXPECT_NEAR(static_cast<double>(adamw.values[i]),
                static_cast<double>(adam.values[i]) - 1e-2 * 0.5 * static_cast<double>(begin[i]),
                1e-6);
}

TEST(training_step, gradient_far_beyond_those_before_is_clipped_by_itself) {
  Dataset data = curve(32, 3);
  for (float& x : data.values.as<float>().subspan(16 * 3)) x *= 1e4f;
  const std::vector<std::int64_t> all = all_rows(data);
  const std::span<const std::int64_t> tame = std::span(all).first(16),
                                      wild = std::span(all).last(16);
  FitOptions options = quick();
  options.scale = "none";
  const auto moments = [&](std::optional<double> clip, int tame_steps) {
    options.clip_norm = clip;
    TinyFit fit(options, data);
    ThreadPool pool(2);
    const Vae vae = make_vae(fit.model, {});
    TrainingStep step(fit.model, vae, fit.job, data, pool, fit.state.model);
    double norms = 0;
    for (int i = 0; i < tame_steps; ++i) norms += step.run(tame, 1, 1e-3, 1).gradient_norm;
    const OptimizerState& adam = fit.state.model.optimizer;
    if (tame_steps > 0) {
      EXPECT_NEAR(adam.norm, norms / tame_steps, 1e-9 * norms);
    }
    step.run(wild, 1, 1e-3, 1);
    EXPECT_EQ(adam.made, tame_steps + 1);
    double largest = 0;
    for (const float m : adam.moment1.as<float>())
      largest = std::max(largest, std::abs(static_cast<double>(m)));
    return std::pair{largest, norms / tame_steps};
  };
  EXPECT_EQ(moments({}, 0).first, moments(0, 0).first) << "nothing to compare with";
  EXPECT_EQ(moments({}, 19).first, moments(0, 19).first);
  const auto [clipped, norm] = moments({}, 20);
  EXPECT_LE(clipped, 4 * norm);  // a tenth of 30 times the norm, and what was there
  EXPECT_GT(moments(0, 20).first, 100 * clipped);
}

// A model of data that are much too large for it.
FitOptions fragile() {
  FitOptions options = quick();
  options.scale = "none";
  return options;
}

TEST(training_step, step_that_is_not_finite_changes_nothing) {
  Dataset data = curve(64, 4);
  data.values.as<float>()[5 * 4 + 2] = 3e38f;
  for (const int threads : {1, 2}) {
    TinyFit fit(fragile(), data);
    ThreadPool pool(threads);
    const Vae vae = make_vae(fit.model, {});
    TrainingStep step(fit.model, vae, fit.job, data, pool, fit.state.model);
    const std::vector<std::int64_t> good{0, 1, 2, 3}, bad{8, 4, 5, 6, 7, 9};
    EXPECT_TRUE(step.run(good, 1, 1e-3, 1).is_finite);
    const std::vector<float> before = fit.values();
    const PhaseState& state = fit.state.model;
    const Tensor moment = state.optimizer.moment1.clone();
    const double power = state.optimizer.power1, norm = state.optimizer.norm;
    EXPECT_FALSE(step.run(bad, 1, 1e-3, 1).is_finite);
    EXPECT_EQ(fit.values(), before);
    EXPECT_EQ(std::memcmp(moment.data(), state.optimizer.moment1.data(), moment.bytes()), 0);
    EXPECT_EQ(state.optimizer.power1, power);
    EXPECT_EQ(state.optimizer.norm, norm);
    EXPECT_EQ(state.steps, 1);
    const BadRows found = step.find_bad_rows(bad, 1, 1);
    EXPECT_EQ(found.rows, std::vector<std::int64_t>{5});
    EXPECT_TRUE(found.is_complete);
    EXPECT_EQ(fit.values(), before);
    EXPECT_TRUE(step.run(good, 1, 1e-3, 1).is_finite);
  }
}

TEST(training_step, rows_whose_sum_alone_is_not_finite_are_not_blamed) {
  Dataset data = curve(16, 4);
  for (float& x : data.values.as<float>()) x = 1e6f;
  TinyFit fit(fragile(), data);
  ThreadPool pool(1);
  const Vae vae = make_vae(fit.model, {});
  TrainingStep step(fit.model, vae, fit.job, data, pool, fit.state.model);
  const std::vector<std::int64_t> all = all_rows(data);
  int steps = 0;  // each row has a sixteenth of the gradient
  while (step.run(all, 1, 0, 1).is_finite) {
    for (float& x : data.values.as<float>()) x *= 1.3f;
    ASSERT_LT(++steps, 100);
  }
  ASSERT_GT(steps, 0);
  EXPECT_TRUE(step.find_bad_rows(all, 1, 1).rows.empty());
}

TEST(training_step, large_batch_is_cut_into_shards_that_stay_in_cache) {
  const Dataset data = curve(2000, 4);
  FitOptions options = quick();
  options.hidden = {256};
  options.batch_size = 2000;
  const auto shards = [&](int threads) {
    TinyFit fit(options, data);
    ThreadPool pool(threads);
    const Vae vae = make_vae(fit.model, {});
    return TrainingStep(fit.model, vae, fit.job, data, pool, fit.state.model).shards();
  };
  EXPECT_GT(shards(1), 1);
  EXPECT_EQ(shards(2) % 2, 0);
  const Outcome fast = steps(options, data, {all_rows(data)}, 2);
  options.mode = "reproducible";
  const Outcome same = steps(options, data, {all_rows(data)}, 2);
  EXPECT_NEAR(fast.metrics.loss, same.metrics.loss, 1e-5);
  EXPECT_NEAR(fast.metrics.gradient_norm, same.metrics.gradient_norm,
              1e-5 * same.metrics.gradient_norm);
  options.batch_size = 64;  // small: a shard a thread
  options.mode = "fast";
  EXPECT_EQ(shards(2), 2);
}

TEST(training_step, products_with_rows_of_zeros_and_ones_are_sums_of_rows) {
  const Dataset grey = stripes(16, 40);
  std::vector<std::uint8_t> bits;
  for (const std::uint8_t v : grey.values.as<std::uint8_t>()) bits.push_back(v > 127);
  const Dataset binary = Dataset::from(Tensor::of<std::uint8_t>({16, 40}, bits), "bits");
  const auto is_binary = [](const Dataset& data, const std::string& binarize,
                            const std::string& likelihood) {
    FitOptions options = quick();
    options.hidden = {32};
    options.binarize = binarize;
    options.likelihood = likelihood;
    TinyFit fit(options, data);
    ThreadPool pool(1);
    const Vae vae = make_vae(fit.model, {});
    const TrainingStep step(fit.model, vae, fit.job, data, pool, fit.state.model);
    return step.plan().describe().find("(binary)") != std::string::npos;
  };
  EXPECT_TRUE(is_binary(binary, "none", "auto"));
  EXPECT_TRUE(is_binary(grey, "dynamic", "auto"));
  EXPECT_TRUE(is_binary(grey, "threshold", "auto"));
  EXPECT_FALSE(is_binary(grey, "none", "bernoulli"));
  EXPECT_FALSE(is_binary(binary, "none", "normal"));
}

// What is left of a step's own copy of the parameters is seen by the loss of the next step.
TEST(training_step, in_bf16_reads_the_parameters_as_they_are) {
  if (!kernels::have_bf16()) GTEST_SKIP() << "this processor or this build has no bfloat16";
  const Dataset data = stripes(64, 200);
  FitOptions options = quick();
  options.hidden = {128};
  options.batch_size = 64;
  options.scale = "none";
  options.precision = "bf16";
  TinyFit fit(options, data);
  ThreadPool pool(2);
  const Vae vae = make_vae(fit.model, {});
  PhaseState state;
  const auto fresh = [&] {
    state = {};
    return TrainingStep(fit.model, vae, fit.job, data, pool, state);
  };
  const std::vector<std::int64_t> rows = all_rows(data);
  TrainingStep step(fit.model, vae, fit.job, data, pool, fit.state.model);
  EXPECT_NE(step.plan().describe().find("(bf16)"), std::string::npos) << step.plan().describe();
  const auto loss = [&](TrainingStep&& s) { return s.run(rows, 1, 0, 1).loss; };
  double before = loss(fresh());
  for (int i = 0; i < 3; ++i) {
    step.run(rows, 1, 1e-2, 1);
    const double now = loss(fresh());
    EXPECT_NE(now, before);
    EXPECT_EQ(step.run(rows, 1, 0, 1).loss, now);
    before = now;
  }
  const Tensor first = fit.model.values.clone();
  step.run(rows, 1, 1e-2, 1);
  EXPECT_NE(step.run(rows, 1, 0, 1).loss, before);
  step.go_on_from(first, fit.model.state_values.clone());
  EXPECT_EQ(step.run(rows, 1, 0, 1).loss, before);
  std::vector<float> values;
  int steps = 0;
  do {
    values = fit.values();
    ASSERT_LT(++steps, 200);
  } while (step.run(rows, 1, 1e12, 1).is_finite);
  EXPECT_EQ(fit.values(), values);
}

TEST(training_step, in_bf16_has_the_gradient_of_f32_to_the_precision_of_the_format) {
  if (!kernels::have_bf16()) GTEST_SKIP() << "this processor or this build has no bfloat16";
  const Dataset data = stripes(64, 200);
  FitOptions options = quick();
  options.hidden = {128, 96};
  options.batch_size = 64;
  options.binarize = "threshold";
  const Outcome f32 = steps(options, data, {all_rows(data)});
  options.precision = "bf16";
  const Outcome bf16 = steps(options, data, {all_rows(data)});
  EXPECT_NE(bf16.metrics.loss, f32.metrics.loss);
  EXPECT_NEAR(bf16.metrics.loss, f32.metrics.loss, 1e-3 * f32.metrics.loss);
  EXPECT_NEAR(bf16.metrics.gradient_norm, f32.metrics.gradient_norm,
              2e-2 * f32.metrics.gradient_norm);
}

// Exact, so that no change makes a step touch more memory, or take more steps, unnoticed.
TEST(training_step, costs_of_a_fixed_model_are_these) {
  const Dataset data = stripes(128, 784);
  FitOptions options = quick();
  options.latent = 20;
  options.hidden = {400};
  options.batch_size = 128;
  options.binarize = "threshold";
  TinyFit fit(options, data);
  ThreadPool pool(1);
  const Vae vae = make_vae(fit.model, {});
  TrainingStep step(fit.model, vae, fit.job, data, pool, fit.state.model);
  EXPECT_EQ(step.plan().steps(), 26);
  EXPECT_EQ(std::llround(step.plan().cost().flops), 421232896);
  EXPECT_EQ(std::llround(step.plan().cost().bytes), 14054596);
  // Input, output and its gradient in place, two hidden layers, mean, scale and code must be kept.
  const std::size_t kept = std::size_t{128} * (2 * 784 + 2 * 400 + 3 * 20) * sizeof(float);
  EXPECT_LE(step.plan().array_bytes(), kept * 13 / 10);

  const std::vector<std::int64_t> rows = all_rows(data);
  step.run(rows, 1, 1e-3, 1);
  const long before = testing::allocations();
  step.run(rows, 2, 1e-3, 1);
  EXPECT_EQ(testing::allocations() - before, 2);  // the two vectors of the metrics
}

}  // namespace
}  // namespace diabolo
