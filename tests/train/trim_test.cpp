// Rows that are far from likely: which ones, and what a fit is without them.
#include <gtest/gtest.h>
#include <train/tiny_fit.h>

#include <diabolo/base/log.h>
#include <diabolo/train/trim.h>

#include <algorithm>
#include <limits>

namespace diabolo {
namespace {

using testing::all_rows;
using testing::curve;
using testing::quick;
using testing::TinyFit;

constexpr std::int64_t kRows = 300, kColumns = 4, kOdd = 9;

// A curve with every 33rd row far off it: 9 rows, 3 % of all.
Dataset with_odd_rows(bool holes = false, double unit = 1) {
  Dataset data = curve(kRows, kColumns);
  const auto x = data.values.as<float>();
  for (std::int64_t i = 0; i < kOdd; ++i)
    for (std::int64_t d = 0; d < kColumns; ++d)
      x[static_cast<std::size_t>(33 * i * kColumns + d)] += d % 2 ? -6.f : 6.f;
  for (std::int64_t row = 0; row < kRows; ++row)
    x[static_cast<std::size_t>(row * kColumns)] *= static_cast<float>(unit);
  if (holes)
    for (std::int64_t row = 0; row < kRows; ++row)
      x[static_cast<std::size_t>(row * kColumns + row % kColumns)] =
          std::numeric_limits<float>::quiet_NaN();
  return data;
}

bool is_odd(std::int64_t row) { return row % 33 == 0 && row < 33 * kOdd; }

FitOptions some_epochs() {
  FitOptions options = quick();
  options.epochs = 40;
  options.learning_rate = 1e-2;
  options.beta_warmup = 0;
  return options;
}

std::vector<std::int64_t> kept(const TinyFit& fit, const Dataset& data, double share) {
  const ModelPrograms programs(fit.model, {}, fit.job.mode);
  return likely_rows(programs, data, all_rows(data), share, 0, nullptr);
}

TEST(trim, leaves_out_the_least_likely_in_any_unit) {
  for (const auto& [holes, unit] : {std::pair{false, 1.0}, std::pair{true, 1.0},
                                    std::pair{true, 1e20}, std::pair{true, 1e-20}}) {
    const Dataset data = with_odd_rows(holes, unit);
    FitOptions options = some_epochs();
    options.missing = holes;
    options.epochs = 10;
    TinyFit fit(options, data);
    fit.train(data);
    std::vector<std::int64_t> expected = all_rows(data);
    std::erase_if(expected, is_odd);
    EXPECT_EQ(kept(fit, data, 0.03), expected) << holes << " " << unit;
    EXPECT_EQ(kept(fit, data, 0), all_rows(data));
    const auto cut = kept(fit, data, 0.01);  // three of the nine, and none of the others
    EXPECT_EQ(cut.size(), static_cast<std::size_t>(kRows - 3));
    EXPECT_TRUE(std::includes(cut.begin(), cut.end(), expected.begin(), expected.end()));
  }
}

TEST(trim, equal_rows_are_all_kept) {
  Dataset data = curve(kRows, kColumns);
  const auto x = data.values.as<float>();
  for (std::size_t i = kColumns; i < x.size(); ++i) x[i] = x[i - kColumns];
  const TinyFit fit(quick(), data);
  EXPECT_EQ(kept(fit, data, 0.1), all_rows(data));
}

TEST(trim, a_fit_tells_what_it_leaves_out_and_finds_it_odder) {
  const Dataset data = with_odd_rows(), valid = curve(100, kColumns, 2);
  std::vector<std::string> said;
  set_log_callback([&](LogLevel, std::string_view text) { said.emplace_back(text); });
  // How much less likely odd rows are than the others.
  const auto oddness = [&](double share) {
    FitOptions options = some_epochs();
    options.trim = share;
    TinyFit fit(options, data);
    fit.train(data, &valid);
    EXPECT_EQ(fit.model.history.size(), 40u);
    std::vector<double> likelihood(kRows);
    log_likelihood(ModelPrograms(fit.model, {}, fit.job.mode), data, 64, 0, nullptr,
                   {.marginal = likelihood});
    double gap = 0;
    for (std::int64_t row = 0; row < kRows; ++row)
      gap += likelihood[static_cast<std::size_t>(row)] /
             static_cast<double>(is_odd(row) ? -kOdd : kRows - kOdd);
    return gap;
  };
  const double whole = oddness(0);
  EXPECT_TRUE(said.empty());
  const double trimmed = oddness(0.03);
  set_log_callback({});
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(
      said[0],
      "the 9 least likely of 300 training rows are left out from now on; --trim 0 keeps them");
  EXPECT_GT(trimmed, whole + 5);
}

TEST(trim, too_few_rows_for_one_to_be_left_out_are_not_said_to_be_cut_short) {
  std::vector<std::string> said;
  set_log_callback([&](LogLevel, std::string_view text) { said.emplace_back(text); });
  const Dataset data = curve(12, kColumns), valid = curve(12, kColumns, 2);
  FitOptions options = some_epochs();
  options.trim = 0.05;
  options.patience = 0;
  TinyFit fit(options, data);
  fit.train(data, &valid);
  EXPECT_TRUE(said.empty());
  options.trim = 0.5;
  options.patience = 1;
  options.schedule = "linear";
  options.learning_rate = 0.3;
  TinyFit cut(options, data);
  cut.train(data, &valid);
  set_log_callback({});
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("cut the training short"), std::string::npos) << said[0];
}

TEST(trim, best_weights_are_those_of_a_later_epoch) {
  const Dataset data = with_odd_rows(), valid = curve(100, kColumns, 2);
  FitOptions options = some_epochs();
  options.epochs = 8;
  options.learning_rate = 0.3;  // so high that the first epoch is the best of all
  options.trim = 0.1;
  TinyFit fit(options, data);
  fit.train(data, &valid);
  EXPECT_GT(fit.model.best_epoch, 2);
}

TEST(trim, does_not_depend_on_threads) {
  const Dataset data = with_odd_rows();
  FitOptions options = some_epochs();
  options.epochs = 8;
  options.trim = 0.1;
  options.mode = "reproducible";
  const auto run = [&](int threads) {
    TinyFit fit(options, data);
    fit.train(data, &data, threads);
    return fit.values();
  };
  EXPECT_EQ(run(1), run(3));
}

}  // namespace
}  // namespace diabolo
