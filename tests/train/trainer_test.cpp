// The training loop: what is kept, when it stops, and what it does to rates and weights.
#include <diabolo/base/log.h>
#include <diabolo/kernels/bf16.h>
#include <diabolo/train/score_reference.h>
#include <gtest/gtest.h>
#include <train/tiny_fit.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace diabolo {
namespace {

using testing::all_rows;
using testing::curve;
using testing::quick;
using testing::stripes;
using testing::TinyFit;
using testing::with_holes;

// Twenty rows and a net that learns them by heart: the validation loss falls, then rises.
FitOptions overfitting() {
  FitOptions o = quick();
  o.hidden = {64};
  o.epochs = 400;
  o.learning_rate = 1e-2;
  o.beta_warmup = 0;
  o.patience = 15;
  return o;
}

std::int64_t lowest_valid_loss(const std::vector<EpochRecord>& history, std::int64_t after) {
  std::int64_t best = 0;
  double loss = INFINITY;
  for (const EpochRecord& r : history)
    if (r.epoch > after && r.valid_loss < loss) {
      loss = r.valid_loss;
      best = r.epoch;
    }
  return best;
}

TEST(trainer, same_seed_gives_the_same_bytes_and_another_does_not) {
  const Dataset data = curve(70, 4);
  FitOptions options = quick();
  const auto run = [&](std::uint64_t seed) {
    options.seed = seed;
    TinyFit fit(options, data);
    fit.train(data, nullptr, 2);
    return fit.values();
  };
  const auto first = run(1);
  EXPECT_EQ(run(1), first);
  EXPECT_NE(run(2), first);
}

TEST(trainer, loss_falls) {
  const Dataset data = curve(200, 4);
  for (const char* model : {"vae", "ae", "beta-vae", "constrained-vae"}) {
    FitOptions options = quick(model);
    options.epochs = 30;
    options.learning_rate = 1e-2;
    options.beta_warmup = 0;
    TinyFit fit(options, data);
    fit.train(data);
    ASSERT_EQ(fit.model.history.size(), 30u);
    EXPECT_LT(fit.model.history.back().loss, fit.model.history.front().loss - 0.3) << model;
  }
}

TEST(trainer, bf16_learns_as_well_as_f32) {
  if (!kernels::have_bf16()) GTEST_SKIP() << "this processor or this build has no bfloat16";
  const Dataset data = stripes(256, 100), test = stripes(100, 100, 2);
  FitOptions options = quick();
  options.hidden = {128};
  options.binarize = "dynamic";
  options.epochs = 40;
  options.batch_size = 64;
  options.learning_rate = 3e-3;
  const auto loss = [&](const char* precision) {
    options.precision = precision;
    TinyFit fit(options, data);
    fit.train(data);
    EXPECT_LT(fit.model.history.back().loss, 0.9 * fit.model.history.front().loss);
    return fit.evaluate(test).loss;
  };
  const double f32 = loss("f32"), bf16 = loss("bf16");
  EXPECT_NE(bf16, f32);
  EXPECT_NEAR(bf16, f32, 0.01 * f32);
}

TEST(trainer, stops_when_patience_is_at_its_end_and_keeps_the_best_weights) {
  const Dataset data = curve(20, 5), valid = curve(50, 5, 2);
  const FitOptions options = overfitting();
  TinyFit fit(options, data);
  fit.train(data, &valid);
  const auto& history = fit.model.history;
  const std::int64_t best = lowest_valid_loss(history, 0);
  EXPECT_EQ(fit.model.best_epoch, best);
  ASSERT_LT(history.size(), 400u) << "expected to stop early";
  EXPECT_EQ(history.back().epoch, best + *options.patience);
  const Evaluation e = fit.evaluate(valid);
  EXPECT_EQ(e.loss, history[static_cast<std::size_t>(best - 1)].valid_loss);
  EXPECT_EQ(e.log_px, history[static_cast<std::size_t>(best - 1)].valid_log_px);
  EXPECT_EQ(*e.kl, history[static_cast<std::size_t>(best - 1)].valid_kl);
  for (const EpochReport& r : fit.reports) {
    const auto now = std::vector(history.begin(), history.begin() + r.record.epoch);
    EXPECT_EQ(r.is_best, lowest_valid_loss(now, 0) == r.record.epoch);
  }
}

TEST(trainer, a_rate_that_falls_is_cut_short_and_the_best_weights_go_on) {
  const Dataset data = curve(20, 5), valid = curve(50, 5, 2);  // two steps an epoch
  FitOptions options = overfitting();
  options.patience = 60;  // so long that the weights of then are clearly worse than the best
  for (const char* schedule : {"cosine", "linear"}) {
    options.schedule = schedule;
    TinyFit fit(options, data);
    fit.train(data, &valid);
    const auto& history = fit.model.history;
    const auto patience = static_cast<std::size_t>(*options.patience);
    std::size_t cut = 0;  // epochs until patience was at its end
    while (lowest_valid_loss({history.begin(), history.begin() + static_cast<long>(cut)}, 0) +
               *options.patience >
           static_cast<std::int64_t>(cut))
      ++cut;
    ASSERT_EQ(history.size(), cut + patience) << schedule;
    const double top = history[cut - 1].learning_rate;
    for (std::size_t e = 0; e < patience; ++e)
      EXPECT_NEAR(history[cut + e].learning_rate / top,
                  1 - static_cast<double>(2 * e + 1) / static_cast<double>(2 * patience), 0.01);
    EXPECT_LT(history[cut].valid_loss, history[cut - 1].valid_loss) << "not those of then";
    EXPECT_EQ(fit.model.best_epoch, lowest_valid_loss(history, 0));
  }
}

TEST(trainer, a_cut_schedule_ends_with_the_last_epoch_at_the_latest) {
  const Dataset data = curve(20, 5), valid = curve(50, 5, 2);
  FitOptions options = overfitting();
  options.schedule = "cosine";
  TinyFit whole(options, data);
  whole.train(data, &valid);
  options.schedule = "linear";  // nearly the same rates until then
  options.epochs = std::ssize(whole.model.history) - 4;
  TinyFit fit(options, data);
  fit.train(data, &valid);
  EXPECT_LE(std::ssize(fit.model.history), options.epochs);
  EXPECT_LT(fit.model.history.back().learning_rate, 1e-3);
}

TEST(trainer, patience_of_zero_never_stops) {
  const Dataset data = curve(20, 5), valid = curve(50, 5, 2);
  FitOptions options = overfitting();
  options.patience = 0;
  options.epochs = 100;
  TinyFit fit(options, data);
  fit.train(data, &valid);
  EXPECT_EQ(fit.model.history.size(), 100u);
  EXPECT_EQ(fit.model.best_epoch, lowest_valid_loss(fit.model.history, 0));
  EXPECT_LT(fit.model.best_epoch, 100);
}

TEST(trainer, best_weights_are_counted_after_the_warmup_and_so_is_patience) {
  const Dataset data = curve(20, 5), valid = curve(50, 5, 2);
  FitOptions options = overfitting();
  options.beta_warmup = 90;
  TinyFit fit(options, data);
  fit.train(data, &valid);
  const auto& history = fit.model.history;
  ASSERT_LE(lowest_valid_loss(history, 0), 90) << "a case in which the warm-up matters";
  EXPECT_EQ(fit.model.best_epoch, lowest_valid_loss(history, 90));
  EXPECT_GT(fit.model.best_epoch, 90);
  EXPECT_EQ(history.back().epoch, fit.model.best_epoch + *options.patience);
}

TEST(trainer, training_that_ends_within_the_warmup_keeps_the_last_weights) {
  const Dataset data = curve(20, 5), valid = curve(50, 5, 2);
  FitOptions options = overfitting();
  options.beta_warmup = 90;
  options.epochs = 4;
  TinyFit fit(options, data);
  fit.train(data, &valid);
  EXPECT_EQ(fit.model.best_epoch, 4);
  EXPECT_EQ(fit.evaluate(valid).loss, fit.model.history.back().valid_loss);
}

TEST(trainer, without_validation_the_last_weights_are_kept) {
  const Dataset data = curve(30, 3);
  TinyFit fit(quick(), data);
  fit.train(data);
  EXPECT_EQ(fit.model.best_epoch, 3);
  EXPECT_TRUE(std::isnan(fit.model.history.back().valid_loss));
}

// The epoch that a KL limit calls best.
std::int64_t best_within(const std::vector<EpochRecord>& history, double limit) {
  std::int64_t best = 0;
  std::pair<bool, double> score{false, -INFINITY};
  for (const EpochRecord& r : history) {
    const bool allowed = r.valid_kl <= 1.03 * limit;
    const std::pair<bool, double> now{allowed, allowed ? r.valid_log_px : -r.valid_kl};
    if (now <= score) continue;
    score = now;
    best = r.epoch;
  }
  return best;
}

TEST(trainer, with_a_kl_limit_the_best_reconstruction_within_it_is_kept) {
  const Dataset data = curve(100, 5), valid = curve(50, 5, 2);
  FitOptions options = overfitting();
  options.model = "constrained-vae";
  options.beta = {};
  options.patience = 0;
  options.epochs = 60;
  for (const double limit : {1e-3, 0.8, 3.0}) {  // never, sometimes and always kept
    options.kl_limit = limit;
    TinyFit fit(options, data);
    fit.train(data, &valid);
    EXPECT_EQ(fit.model.best_epoch, best_within(fit.model.history, limit)) << limit;
    const double kl =
        fit.model.history[static_cast<std::size_t>(fit.model.best_epoch - 1)].valid_kl;
    EXPECT_EQ(*fit.evaluate(valid).kl, kl);
  }
}

TEST(trainer, kl_settles_at_its_limit) {
  const Dataset data = curve(400, 5);
  FitOptions options = quick("constrained-vae");
  options.kl_limit = 1;
  options.epochs = 80;
  options.learning_rate = 1e-2;
  options.beta_warmup = 0;
  TinyFit fit(options, data);
  fit.train(data);
  double kl = 0;
  for (std::size_t i = 70; i < 80; ++i) kl += fit.model.history[i].kl / 10;
  EXPECT_NEAR(kl, 1, 0.05);
}

TEST(trainer, slack_limit_drives_the_multiplier_to_zero) {
  const Dataset data = curve(400, 5);
  FitOptions options = quick("constrained-vae");
  options.kl_limit = 1000;
  options.epochs = 40;
  TinyFit fit(options, data);
  fit.train(data);
  EXPECT_LT(fit.model.history.back().beta, 1e-3);
}

TEST(trainer, weight_of_the_kl_rises_linearly_from_zero) {
  const Dataset data = curve(64, 3);  // four steps an epoch
  FitOptions options = quick("beta-vae");
  options.epochs = 4;
  options.beta_warmup = 2;
  TinyFit fit(options, data);
  fit.train(data);
  // That of the last step of each epoch, with `steps before it` / 8 of beta = 4.
  const double expected[] = {4 * 3.0 / 8, 4 * 7.0 / 8, 4, 4};
  for (std::size_t e = 0; e < 4; ++e)
    EXPECT_NEAR(fit.model.history[e].beta, expected[e], 1e-6) << e;
}

TEST(trainer, learning_rate_follows_its_schedule) {
  const Dataset data = curve(40, 3);  // three steps an epoch, the last of 8 rows
  FitOptions options = quick();
  options.epochs = 4;
  const auto rates = [&](const char* schedule) {
    options.schedule = schedule;
    TinyFit fit(options, data);
    fit.train(data);
    std::vector<double> result;
    for (const EpochRecord& r : fit.model.history) result.push_back(r.learning_rate);
    return result;
  };
  const auto constant = rates("constant"), linear = rates("linear"), cosine = rates("cosine");
  for (std::size_t e = 0; e < 4; ++e) {
    const double done = (3.0 * static_cast<double>(e) + 2) / 12;  // before the epoch's last step
    EXPECT_EQ(constant[e], 1e-3);
    EXPECT_NEAR(linear[e], 1e-3 * (1 - done), 1e-12);
    EXPECT_NEAR(cosine[e], 1e-3 * 0.5 * (1 + std::cos(M_PI * done)), 1e-12);
  }
}

TEST(trainer, epoch_means_weigh_a_ragged_batch_by_its_rows) {
  const Dataset data = curve(19, 3);  // 16 and 3
  FitOptions options = quick();
  options.epochs = 1;
  options.learning_rate = 1e-12;  // the model stays, so the epoch is one evaluation with its noise
  options.beta_warmup = 0;
  TinyFit fit(options, data);
  fit.train(data);
  options.batch_size = 19;
  TinyFit one(options, data);
  one.train(data);
  EXPECT_EQ(fit.model.history[0].step, 2);
  EXPECT_EQ(one.model.history[0].step, 1);
  EXPECT_NEAR(fit.model.history[0].loss, one.model.history[0].loss, 1e-5);
  EXPECT_NEAR(fit.model.history[0].kl, one.model.history[0].kl, 1e-5);
}

TEST(trainer, data_smaller_than_the_batch_and_a_single_row_can_be_trained_on) {
  for (const std::int64_t rows : {1, 3}) {
    for (const char* model : {"vae", "ae"}) {
      const Dataset data = curve(rows, 3);
      FitOptions options = quick(model);
      options.batch_size = 128;
      TinyFit fit(options, data);
      fit.train(data, nullptr, 3);
      EXPECT_EQ(fit.model.history.size(), 3u);
      EXPECT_TRUE(std::isfinite(fit.model.history.back().loss));
      for (const float v : fit.values()) ASSERT_TRUE(std::isfinite(v));
    }
  }
}

TEST(trainer, hooks_end_the_training) {
  const Dataset data = curve(64, 3);
  FitOptions options = quick();
  options.epochs = 50;
  TinyFit a(options, data), b(options, data);
  a.train(data, nullptr, 1, {.on_epoch = [](const EpochReport& r) { return r.record.epoch < 4; }});
  EXPECT_EQ(a.model.history.size(), 4u);
  int steps = 0;
  b.train(data, nullptr, 1, {.should_stop = [&] { return ++steps == 6; }});
  EXPECT_EQ(b.model.history.size(), 1u) << "an epoch that is not over is not told";
  EXPECT_EQ(b.state.model.steps, 6);
  EXPECT_EQ(b.state.model.step_of_epoch, 2);
}

// What is told while the other thing happens.
std::vector<std::string> warnings_of(const std::function<void()>& f) {
  std::vector<std::string> warnings;
  set_log_callback([&](LogLevel level, std::string_view text) {
    if (level == LogLevel::warning) warnings.emplace_back(text);
  });
  f();
  set_log_callback({});
  return warnings;
}

FitOptions unscaled() {
  FitOptions options = quick();
  options.scale = "none";
  return options;
}

TEST(trainer, a_row_that_cannot_be_learned_is_named_and_left_out) {
  Dataset data = curve(64, 4);
  data.values.as<float>()[37 * 4 + 2] = 3e38f;
  FitOptions options = unscaled();
  options.epochs = 5;
  TinyFit fit(options, data);
  const Dataset valid = curve(20, 4, 2);
  const auto warnings = warnings_of([&] { fit.train(data, &valid); });
  ASSERT_EQ(warnings.size(), 5u);
  EXPECT_NE(warnings[0].find("1 of its 16 rows: row 37 (column 2: 3e+38)"), std::string::npos)
      << warnings[0];
  EXPECT_EQ(fit.state.bad.count, 5);
  EXPECT_EQ(fit.state.bad.rate_factor, 1.0 / 32);
  EXPECT_EQ(fit.state.model.steps, 20);
  EXPECT_EQ(fit.state.model.optimizer.made, 15);
  ASSERT_EQ(fit.model.history.size(), 5u);
  for (const EpochRecord& r : fit.model.history) EXPECT_TRUE(std::isfinite(r.loss));
  EXPECT_LE(fit.model.history.back().learning_rate, 1e-3 / 16);
  EXPECT_LT(fit.model.history.back().valid_loss, fit.model.history.front().valid_loss);
}

TEST(trainer, a_training_that_diverges_ends_with_the_best_weights_before_that) {
  Dataset data = curve(64, 4);
  data.values.as<float>()[37 * 4 + 2] = 3e38f;
  FitOptions options = unscaled();
  options.epochs = 50;
  const Dataset held_out = curve(20, 4, 2);
  for (const Dataset* valid : {&held_out, static_cast<const Dataset*>(nullptr)}) {
    TinyFit fit(options, data);
    std::vector<float> best;
    TrainerHooks hooks;
    hooks.on_epoch = [&](const EpochReport& r) {
      if (r.is_best) best = fit.values();
      return true;
    };
    EXPECT_EQ(warnings_of([&] { fit.train(data, valid, 1, hooks); }).size(), 10u);
    EXPECT_TRUE(fit.state.bad.has_diverged());
    EXPECT_EQ(fit.model.history.size(), 9u);
    EXPECT_EQ(fit.model.best_epoch, 9);
    EXPECT_EQ(fit.values(), best);
  }
}

TEST(trainer, without_a_finite_epoch_there_is_no_model) {
  Dataset data = curve(64, 4);
  for (float& x : data.values.as<float>()) x *= 1e30f;
  const auto refused = [](const Dataset& from, const Dataset* valid, std::int64_t epochs) {
    FitOptions options = unscaled();
    options.epochs = epochs;
    TinyFit fit(options, from);
    std::string message;
    warnings_of([&] {
      try {
        fit.train(from, valid);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_finite);
        message = error.message();
      }
    });
    for (const float v : fit.values()) EXPECT_TRUE(std::isfinite(v));
    return message;
  };
  EXPECT_NE(refused(data, nullptr, 20).find("--learning-rate"), std::string::npos);
  EXPECT_NE(refused(data, nullptr, 2).find("all its rows"), std::string::npos);
  EXPECT_EQ(refused(curve(64, 4), &data, 3), "") << "the last weights are of use";
  EXPECT_EQ(refused(curve(64, 4), nullptr, 3), "");
}

TEST(trainer, codes_that_are_not_finite_do_not_spoil_a_fitted_prior) {
  const Dataset tame = curve(64, 4);
  for (const char* model : {"vae", "ae"}) {
    Dataset data = tame.rows(0, 64);
    FitOptions options = quick(model);
    options.scale = "none";
    options.components = {{"prior", "mixture"}, {"prior.components", "3"}};
    TinyFit fit(options, tame);
    fit.train(tame);
    const auto state = fit.model.state_values.as<float>();
    const auto refit = [&](float wild) {
      for (float& x : data.values.as<float>().subspan(4, 4)) x = wild;
      ThreadPool pool(1);
      fit_prior(fit.model, {}, fit.job, {&data, all_rows(data), nullptr}, pool, {});
      for (const float v : state) ASSERT_TRUE(std::isfinite(v)) << model;
    };
    const std::vector<float> before(state.begin(), state.end());
    for (const float wild : {3e38f, 1e20f}) {
      EXPECT_EQ(warnings_of([&] { refit(wild); }).size(), 0u);
      EXPECT_FALSE(std::equal(state.begin(), state.end(), before.begin()))
          << "fitted to the others";
    }
    for (float& x : data.values.as<float>()) x = 3e38f;
    EXPECT_EQ(warnings_of([&] { refit(3e38f); }).size(), 1u);
  }
}

// Each of two rows stands there many times, and codes say nothing of it: the prior is the normal,
// and no draw of a code meets a peak of it.
TEST(trainer, equal_rows_have_codes_of_their_own_for_a_fitted_prior) {
  std::vector<float> x;
  for (int i = 0; i < 200; ++i) x.push_back(i % 2 == 0 ? 0.0f : 1.0f);
  const Dataset data = Dataset::from(Tensor::of<float>({200, 1}, x), "two rows");
  FitOptions options = quick();
  options.components = {{"prior", "mixture"}, {"prior.components", "3"}};
  options.epochs = 40;
  options.beta = 10;
  options.latent = 6;
  TinyFit fit(options, data);
  fit.train(data);
  EXPECT_NEAR(fit.evaluate(data, {.samples = 100}).nll.value(), std::log(2), 0.1);
}

// Rows so far away that no draw gives them a likelihood.
TEST(trainer, a_reference_of_scores_is_finite_whatever_rows_it_is_of) {
  Dataset data = curve(64, 4);
  FitOptions options = quick();
  options.scale = "none";
  options.missing = true;
  TinyFit fit(options, data);
  fit.train(data);
  ThreadPool pool(1);
  const ModelPrograms programs(fit.model, {}, fit.job.mode);
  for (const std::size_t wild : {std::size_t{1}, std::size_t{64}}) {
    for (float& x : data.values.as<float>().first(4 * wild)) x = 1e36f;
    const ScoreReference r = score_reference(programs, data, 0, &pool);
    for (const auto* list : {&r.quantiles, &r.column_means, &r.missing_costs})
      for (const double x : *list) ASSERT_TRUE(std::isfinite(x)) << wild;
    EXPECT_EQ(r.missing_costs.size(), wild == 1 ? 5u : 0u);
    EXPECT_TRUE(std::is_sorted(r.quantiles.begin(), r.quantiles.end()));
  }
}

// The worst that options allow: it ends, and with finite numbers.
TEST(trainer, huge_rates_end_in_a_finite_model_or_are_refused) {
  const Dataset data = with_holes(curve(64, 4), 0.1), valid = with_holes(curve(20, 4, 2), 0.1);
  for (const double rate : {1.0, 10.0, 1000.0})
    for (const char* model : {"vae", "ae", "beta-vae", "constrained-vae"})
      for (const bool validated : {true, false}) {
        SCOPED_TRACE(fmt::format("{} {} {}", model, rate, validated));
        FitOptions options = quick(model);
        options.learning_rate = rate;
        options.epochs = 30;
        options.missing = true;
        options.components = {{"prior", "mixture"}, {"prior.components", "3"}};
        TinyFit fit(options, data);
        warnings_of([&] {
          try {
            fit.train(data, validated ? &valid : nullptr);
          } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::not_finite);
          }
        });
        for (const float v : fit.values()) ASSERT_TRUE(std::isfinite(v));
        for (const float v : fit.model.state_values.as<float>()) ASSERT_TRUE(std::isfinite(v));
      }
}

TEST(trainer, reports_say_what_is_known) {
  const Dataset data = curve(40, 3);
  TinyFit fit(quick(), data);
  fit.train(data);
  double before = 0;
  for (const EpochReport& r : fit.reports) {
    EXPECT_EQ(r.epochs, 3);
    EXPECT_GE(r.train_seconds, before);
    EXPECT_GE(r.seconds, r.train_seconds);
    EXPECT_GT(r.rows_per_second, 0);
    before = r.train_seconds;
  }
  EXPECT_EQ(fit.reports.back().record.step, 9);
}

TEST(trainer, mixture_prior_of_an_autoencoder_is_fitted_to_the_codes) {
  const Dataset data = curve(300, 4);
  FitOptions options = quick("ae");
  options.components = {{"prior.components", "3"}};
  TinyFit fit(options, data);
  fit.train(data);
  double total = 0;
  for (const ParameterInfo& info : fit.model.state.all())
    if (info.name == "prior.log_weight")
      for (std::int64_t c = 0; c < 3; ++c)
        total += std::exp(static_cast<double>(
            fit.model.state_values.as<float>()[static_cast<std::size_t>(info.offset + c)]));
  EXPECT_NEAR(total, 1, 1e-5);
}

// Until training is over the standard normal stands in for it.
TEST(trainer, a_mixture_prior_beside_a_bound_is_fitted_after_training) {
  const auto fitted = [](const ModelData& model) {
    for (const ParameterInfo& info : model.state.all())
      if (info.name == "prior.fitted")
        return model.state_values.as<float>()[static_cast<std::size_t>(info.offset)];
    return -1.0f;
  };
  const Dataset data = curve(300, 4);
  FitOptions options = quick();
  options.components = {{"prior", "mixture"}, {"prior.components", "3"}};
  TinyFit fit(options, data);
  int unfitted = 0;
  const auto look = [&](const EpochReport&) {
    unfitted += fitted(fit.model) == 0;
    return true;
  };
  fit.train(data, nullptr, 1, {.on_epoch = look});
  EXPECT_EQ(unfitted, 3);
  EXPECT_EQ(fitted(fit.model), 1);
}

TEST(split, has_the_sizes_asked_for_and_no_row_twice) {
  for (const auto& [rows, fraction, valid] :
       std::vector<std::tuple<std::int64_t, double, std::size_t>>{{100, 0.1, 10},
                                                                  {101, 0.25, 25},
                                                                  {1000, 0, 0},
                                                                  {9, 0.1, 0},
                                                                  {10, 0.1, 1},
                                                                  {4, 0.5, 2},
                                                                  {1, 0.9, 0},
                                                                  {2, 0.99, 1}}) {
    auto [a, b] = split_rows(rows, fraction, 5);
    EXPECT_EQ(b.size(), valid) << rows << " " << fraction;
    EXPECT_TRUE(std::is_sorted(a.begin(), a.end()));
    a.insert(a.end(), b.begin(), b.end());
    std::sort(a.begin(), a.end());
    std::vector<std::int64_t> expected(static_cast<std::size_t>(rows));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(a, expected);
  }
}

TEST(split, depends_on_the_seed_alone) {
  EXPECT_EQ(split_rows(200, 0.1, 5), split_rows(200, 0.1, 5));
  EXPECT_NE(split_rows(200, 0.1, 5), split_rows(200, 0.1, 6));
}

}  // namespace
}  // namespace diabolo
