// Training where values are missing, and of the encoder of partial rows.
#include <gtest/gtest.h>
#include <train/tiny_fit.h>

#include <cstring>
#include <limits>
#include <map>

namespace diabolo {
namespace {

using testing::all_rows;
using testing::curve;
using testing::quick;
using testing::TinyFit;
using testing::with_holes;

FitOptions missing_options() {
  FitOptions o = quick();
  o.missing = true;
  o.beta = {};  // the bound is the one that missing values choose
  o.batch_size = 64;
  return o;
}

TEST(partial, training_its_encoder_changes_no_other_array) {
  const Dataset data = with_holes(curve(200, 5), 0.2);
  for (const std::string optimizer : {"adam", "adamw"}) {
    FitOptions o = missing_options();
    o.optimizer = optimizer;
    TinyFit fit(o, data);
    fit.job.partial_epochs = 0;
    fit.train(data, &data);
    const std::vector<float> before = fit.values();
    const Tensor state = fit.model.state_values.clone();
    fit.job.partial_epochs = 3;
    fit.state.partial = {};
    fit.train(data, &data);
    const std::vector<float> after = fit.values();
    for (const ParameterInfo& info : fit.model.parameters.all()) {
      const auto at = static_cast<std::size_t>(info.offset);
      const bool same =
          std::equal(before.begin() + info.offset, before.begin() + info.offset + info.shape.size(),
                     after.begin() + info.offset);
      EXPECT_EQ(same, !info.name.starts_with("partial.")) << info.name << " " << before[at];
    }
    EXPECT_EQ(state.bytes(), fit.model.state_values.bytes());
    if (state.bytes() > 0) {
      EXPECT_EQ(std::memcmp(state.data(), fit.model.state_values.data(), state.bytes()), 0);
    }
  }
}

TEST(partial, its_encoder_begins_as_the_other_one) {
  const Dataset data = with_holes(curve(200, 5), 0.2);
  TinyFit fit(missing_options(), data);
  fit.job.learning_rate = 0;
  fit.job.partial_epochs = 1;
  fit.train(data);
  const std::vector<float> values = fit.values();
  std::map<std::string, const ParameterInfo*> by_name;
  for (const ParameterInfo& info : fit.model.parameters.all()) by_name[info.name] = &info;
  int compared = 0;
  for (const auto& [name, info] : by_name) {
    const auto copy = by_name.find(std::string(kPartialPrefix) + name);
    if (copy == by_name.end()) continue;
    ++compared;
    EXPECT_TRUE(std::equal(values.begin() + info->offset,
                           values.begin() + info->offset + info->shape.size(),
                           values.begin() + copy->second->offset))
        << name;
  }
  EXPECT_GE(compared, 6) << "weights and biases of two layers and of the posterior";
}

TEST(partial, steps_that_are_not_finite_count_and_halve_its_rate_too) {
  Dataset data = with_holes(curve(64, 5), 0.2);
  for (float& x : data.values.as<float>().subspan(7 * 5, 5)) x = 3e38f;
  FitOptions o = missing_options();
  o.scale = "none";
  o.epochs = 2;
  o.batch_size = 16;
  TinyFit fit(o, data);
  fit.job.partial_epochs = 3;
  fit.train(data);
  const std::int64_t bad = fit.state.bad.count - 2;  // where the mask does not hide the row
  EXPECT_GT(bad, 0);
  EXPECT_EQ(fit.state.partial.steps, 12);
  EXPECT_EQ(fit.state.partial.optimizer.made, 12 - bad);
  EXPECT_TRUE(fit.state.partial.is_over);
  const std::vector<float> before = fit.values();
  fit.state.partial = {};
  fit.train(data);
  EXPECT_NE(fit.values(), before);
  fit.state.partial = {};
  fit.state.bad = {.count = 0, .rate_factor = 0, .rows = ""};
  fit.train(data);
  ModelData begun = std::move(fit.model);
  const std::vector<float> after(begun.values.as<float>().begin(), begun.values.as<float>().end());
  begin_partial(begun);
  const auto now = begun.values.as<float>();
  EXPECT_TRUE(std::equal(after.begin(), after.end(), now.begin())) << "a rate of 0 changes nothing";
}

TEST(partial, its_loss_falls_and_the_best_is_kept) {
  const Dataset data = with_holes(curve(400, 5), 0.2), valid = with_holes(curve(100, 5, 2), 0.2);
  FitOptions o = missing_options();
  o.epochs = 12;
  TinyFit fit(o, data);
  std::vector<double> losses;
  TrainerHooks hooks;
  hooks.on_partial_epoch = [&](double loss, std::int64_t epoch, std::int64_t epochs) {
    EXPECT_EQ(epoch, std::ssize(losses) + 1);
    EXPECT_EQ(epochs, 12);
    losses.push_back(loss);
    return true;
  };
  fit.train(data, &valid, 1, hooks);
  ASSERT_EQ(losses.size(), 12u);
  EXPECT_LT(losses.back(), losses.front());
  ThreadPool pool(1);
  const ModelPrograms programs(fit.model, {}, fit.job.mode);
  EXPECT_EQ(masked_loss(programs, valid, fit.job.seed, &pool),
            *std::min_element(losses.begin(), losses.end()));
}

// Nothing of what a training leaves depends on the bits that stand for a missing value.
TEST(missing, training_does_not_see_what_is_under_the_mask) {
  for (const std::string objective : {"iwae", "elbo"}) {
    FitOptions o = missing_options();
    o.components = {{"objective", objective}};
    const Dataset one = with_holes(curve(200, 5), 0.3),
                  other = with_holes(curve(200, 5), 0.3, 0xffc12345);
    TinyFit a(o, one), b(o, other);
    a.train(one, &one);
    b.train(other, &other);
    EXPECT_EQ(a.values(), b.values()) << objective;
    for (std::size_t i = 0; i < a.model.history.size(); ++i) {
      EXPECT_EQ(a.model.history[i].loss, b.model.history[i].loss);
      EXPECT_EQ(a.model.history[i].valid_loss, b.model.history[i].valid_loss);
    }
  }
}

TEST(missing, reproducible_bits_do_not_depend_on_the_number_of_threads) {
  const Dataset data = with_holes(curve(230, 5), 0.3);
  FitOptions o = missing_options();
  o.mode = "reproducible";
  o.batch_size = 100;  // three shards
  TinyFit one(o, data), three(o, data);
  one.train(data, &data, 1);
  three.train(data, &data, 3);
  EXPECT_EQ(one.values(), three.values());
}

TEST(missing, is_standardised_by_what_is_there) {
  Dataset data = curve(100, 3);
  const auto x = data.values.as<float>();
  double mean = 0, squares = 0;
  for (std::size_t row = 0; row < 100; ++row) {
    if (row % 4 == 0) {
      x[row * 3 + 1] = std::numeric_limits<float>::quiet_NaN();
      continue;
    }
    mean += static_cast<double>(x[row * 3 + 1]) / 75;
  }
  for (std::size_t i = 1; i < x.size(); i += 3)
    if (x[i] == x[i])
      squares += (static_cast<double>(x[i]) - mean) * (static_cast<double>(x[i]) - mean) / 75;
  const TinyFit fit(missing_options(), data);
  EXPECT_NEAR(fit.job.transform.shift[1], mean, 1e-12);
  EXPECT_NEAR(fit.job.transform.scale[1], std::sqrt(squares), 1e-12);
}

TEST(missing, values_choose_the_importance_weighted_bound) {
  const Dataset whole = curve(100, 3);
  EXPECT_EQ(TinyFit(missing_options(), with_holes(whole.rows(0, 100), 0.1))
                .job.composition.objective.type,
            "iwae");
  EXPECT_EQ(TinyFit(missing_options(), whole).job.composition.objective.type, "elbo");
  EXPECT_FALSE(TinyFit(quick(), whole).job.composition.missing);
  EXPECT_FALSE(TinyFit(quick(), whole).job.composition.partial);
}

}  // namespace
}  // namespace diabolo
