// Evaluation: means of per-row numbers that depend on the row and the seed alone.
#include <diabolo/prob/normal.h>
#include <gtest/gtest.h>
#include <train/tiny_fit.h>

#include <cmath>
#include <numeric>

namespace diabolo::evaluate_test {
namespace {

using testing::all_rows;
using testing::as_floats;
using testing::curve;
using testing::quick;
using testing::stripes;
using testing::TinyFit;

constexpr std::uint64_t kSeed = 7;

FitOptions reproducible(const std::string& model = "vae") {
  FitOptions o = quick(model);
  o.mode = "reproducible";
  return o;
}

// Per row: importance-weighted log p(x), and log p(x|z) under the weights.
struct Rows {
  std::vector<double> marginal, given_z;
};

Rows per_row(const TinyFit& fit, const Dataset& data, std::int64_t samples, int threads = 1,
             std::uint64_t seed = kSeed) {
  ThreadPool pool(threads);
  const auto n = static_cast<std::size_t>(data.size());
  Rows r{std::vector<double>(n), std::vector<double>(n)};
  log_likelihood(ModelPrograms(fit.model, {}, fit.job.mode), data, samples, seed, &pool,
                 {.marginal = r.marginal, .given_z = r.given_z});
  return r;
}

TEST(evaluate, row_has_the_same_bits_whatever_batch_it_sits_in) {
  const Dataset data = stripes(700, 12);
  FitOptions options = reproducible();
  options.binarize = "dynamic";
  TinyFit fit(options, data);
  fit.train(data.rows(0, 64));
  const Rows all = per_row(fit, data, 5);
  for (const std::int64_t n : {1, 2, 3, 8, 17, 256, 257}) {
    for (const std::int64_t first : {0, 300}) {
      const Rows some = per_row(fit, data.rows(first, n), 5);
      for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
        EXPECT_EQ(some.marginal[i], all.marginal[static_cast<std::size_t>(first) + i]) << n;
        EXPECT_EQ(some.given_z[i], all.given_z[static_cast<std::size_t>(first) + i]) << n;
      }
    }
  }
}

TEST(evaluate, permuted_rows_give_permuted_results) {
  for (const char* mode : {"fast", "reproducible"}) {
    const Dataset data = curve(300, 4);
    FitOptions options = quick();
    options.mode = mode;
    TinyFit fit(options, data);
    std::vector<std::int64_t> order = all_rows(data);
    std::rotate(order.begin(), order.begin() + 111, order.end());
    std::swap(order[0], order[200]);
    const Rows a = per_row(fit, data, 3), b = per_row(fit, data.select(order), 3);
    for (std::size_t i = 0; i < order.size(); ++i)
      EXPECT_EQ(b.marginal[i], a.marginal[static_cast<std::size_t>(order[i])]);
  }
}

TEST(evaluate, noise_follows_the_seed_and_the_values) {
  const Dataset data = curve(2, 4);
  TinyFit fit(reproducible(), data);
  EXPECT_NE(per_row(fit, data, 2, 1, 1).marginal, per_row(fit, data, 2, 1, 2).marginal);
  const std::vector<std::int64_t> twice = {1, 1};
  const Rows r = per_row(fit, data.select(twice), 2);
  EXPECT_EQ(r.marginal[0], r.marginal[1]);
}

TEST(evaluate, result_is_the_same_for_any_number_of_threads) {
  const Dataset data = stripes(3000, 6);  // more than a block
  for (const char* mode : {"fast", "reproducible"}) {
    FitOptions options = quick();
    options.mode = mode;
    TinyFit fit(options, data);
    const Evaluation one = fit.evaluate(data, {.samples = 3, .seed = kSeed}, 1);
    for (const int threads : {2, 5}) {
      const Evaluation many = fit.evaluate(data, {.samples = 3, .seed = kSeed}, threads);
      EXPECT_EQ(one.loss, many.loss);
      EXPECT_EQ(one.nll, many.nll);
      EXPECT_EQ(one.mse, many.mse);
      EXPECT_EQ(one.kl_per_unit, many.kl_per_unit);
    }
  }
}

TEST(evaluate, is_the_same_on_every_call) {
  const Dataset data = curve(100, 4);
  TinyFit fit(quick(), data);
  const ModelPrograms programs(fit.model, {}, fit.job.mode);
  const Evaluation first = evaluate(programs, data, {.samples = 2}, nullptr);
  for (int i = 0; i < 3; ++i) {
    const Evaluation again = evaluate(programs, data, {.samples = 2}, nullptr);
    EXPECT_EQ(first.loss, again.loss);
    EXPECT_EQ(first.nll, again.nll);
  }
}

TEST(evaluate, bytes_and_floats_of_the_same_numbers_agree) {
  const Dataset data = stripes(50, 6);
  for (const char* binarize : {"none", "dynamic", "threshold"}) {
    FitOptions options = quick();
    options.binarize = binarize;
    TinyFit fit(options, data);
    fit.train(data);
    const Evaluation a = fit.evaluate(data, {.samples = 2}),
                     b = fit.evaluate(as_floats(data), {.samples = 2});
    EXPECT_EQ(a.loss, b.loss) << binarize;
    EXPECT_EQ(a.nll, b.nll) << binarize;
    EXPECT_EQ(a.mse, b.mse) << binarize;
  }
}

TEST(evaluate, numbers_fit_together) {
  const Dataset data = curve(80, 4);
  TinyFit fit(quick("beta-vae"), data);
  fit.train(data);
  const Evaluation e = fit.evaluate(data);
  EXPECT_EQ(e.rows, 80);
  EXPECT_EQ(e.dimensions, 4);
  EXPECT_NEAR(*e.elbo, e.log_px - *e.kl, 1e-12);
  EXPECT_NEAR(e.loss, 4 * *e.kl - e.log_px, 1e-5);
  ASSERT_EQ(e.kl_per_unit.size(), 2u);
  EXPECT_NEAR(e.kl_per_unit[0] + e.kl_per_unit[1], *e.kl, 1e-5);
  EXPECT_FALSE(e.nll.has_value()) << "one sample is the bound, not the likelihood";
  EXPECT_FALSE(e.bits_per_dim.has_value());
}

TEST(evaluate, more_samples_tighten_the_likelihood) {
  const Dataset data = curve(200, 4);
  FitOptions options = quick();
  options.epochs = 20;
  options.learning_rate = 1e-2;
  TinyFit fit(options, data);
  fit.train(data);
  double before = -*fit.evaluate(data).elbo;
  for (const std::int64_t samples : {2, 16, 100}) {
    const Evaluation e = fit.evaluate(data, {.samples = samples});
    EXPECT_LT(*e.nll, before) << samples;
    EXPECT_GT(*e.nll_standard_error, 0);
    before = *e.nll;
  }
}

TEST(evaluate, samples_beyond_one_plan_are_fresh_draws) {
  // 16 draws fit a plan: 32 draws must not be the same 16 twice.
  const Dataset data = curve(20, 4);
  TinyFit fit(reproducible(), data);
  const Rows half = per_row(fit, data, 16), all = per_row(fit, data, 32);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NE(half.marginal[i], all.marginal[i]);
}

TEST(evaluate, likelihood_is_log_mean_exp_over_the_draws) {
  constexpr std::int64_t kRows = 6, kSamples = 40;  // three plans
  const Dataset data = curve(kRows, 4);
  TinyFit fit(reproducible(), data);
  const Rows got = per_row(fit, data, kSamples);
  const ModelPrograms programs(fit.model, {}, fit.job.mode);
  std::vector<double> log_w, log_px;  // [K, 8], all draws by one plan
  for_each_block(programs, data, kSeed, nullptr, [&](std::int64_t, auto net, auto keys) {
    programs.run(
        programs.weights(kSamples), kRows, {.seed = kSeed}, nullptr,
        [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, 4, keys); },
        [&](RowProgram::Chunk& chunk) {
          const auto w = chunk.get<float>("log_w"), p = chunk.get<float>("log_px");
          log_w.assign(w.begin(), w.end());
          log_px.assign(p.begin(), p.end());
        });
  });
  for (std::size_t r = 0; r < kRows; ++r) {
    double sum = 0, weighted = 0;
    for (std::size_t i = r; i < log_w.size(); i += log_w.size() / kSamples) {
      sum += std::exp(log_w[i]) / kSamples;
      weighted += std::exp(log_w[i]) / kSamples * log_px[i];
    }
    EXPECT_NEAR(got.marginal[r], std::log(sum), 1e-12 * std::abs(std::log(sum)));
    EXPECT_NEAR(got.given_z[r], weighted / sum, 1e-12 * std::abs(weighted / sum));
  }
}

TEST(evaluate, one_sample_of_the_likelihood_is_log_w_of_the_bound) {
  const Dataset data = curve(20, 4);
  TinyFit fit(reproducible(), data);
  const Rows r = per_row(fit, data, 1, 1, 0);
  const double log_px = std::accumulate(r.given_z.begin(), r.given_z.end(), 0.0) / 20;
  EXPECT_NEAR(log_px, fit.evaluate(data).log_px, 1e-5);
}

TEST(evaluate, autoencoder_has_no_bound) {
  const Dataset data = curve(30, 4);
  TinyFit fit(quick("ae"), data);
  const Evaluation e = fit.evaluate(data, {.samples = 8});
  EXPECT_FALSE(e.elbo || e.kl || e.nll || e.bits_per_dim);
  EXPECT_TRUE(e.kl_per_unit.empty());
  EXPECT_NEAR(e.loss, -e.log_px, 1e-6);
  std::vector<double> out(30);
  EXPECT_THROW(log_likelihood(ModelPrograms(fit.model, {}, fit.job.mode), data, 4, 0, nullptr,
                              {.marginal = out, .given_z = out}),
               Error);
}

TEST(evaluate, densities_are_in_the_units_of_the_data) {
  // The same model and noise on data in units a thousand times smaller: log p(x) falls by D log
  // 1000.
  const Dataset data = stripes(40, 3);
  FitOptions options = quick();
  TinyFit a(options, data), b(options, data);
  b.model.transform.scale = {255};
  a.model.transform.scale = {255 * 1000.0};
  std::vector<float> large;
  for (const std::uint8_t v : data.values.as<std::uint8_t>()) large.push_back(1000.0f * v);
  const Dataset scaled = Dataset::from(Tensor::of<float>({40, 3}, large));
  const auto zero_noise = [](TinyFit& fit, const Dataset& rows) {  // q narrow: noise does not tell
    for (const ParameterInfo& info : fit.model.parameters.all())
      if (info.name.starts_with("posterior.log_std"))
        for (std::int64_t i = 0; i < info.shape.size(); ++i)
          fit.model.values.as<float>()[static_cast<std::size_t>(info.offset + i)] =
              info.name.ends_with("bias") ? -100.0f : 0.0f;
    return fit.evaluate(rows);
  };
  const Evaluation small = zero_noise(b, data), big = zero_noise(a, scaled);
  EXPECT_NEAR(big.log_px, small.log_px - 3 * std::log(1000.0), 1e-3);
  EXPECT_NEAR(*big.mse, *small.mse * 1e6, 1e-2 * *big.mse);
}

TEST(evaluate, bits_per_dim_only_where_all_is_mass) {
  const Dataset grey = stripes(40, 6);
  FitOptions options = quick();
  options.likelihood = "bernoulli";
  EXPECT_FALSE(TinyFit(options, grey).evaluate(grey, {.samples = 4}).bits_per_dim);
  options.binarize = "dynamic";
  const Evaluation e = TinyFit(options, grey).evaluate(grey, {.samples = 4});
  ASSERT_TRUE(e.bits_per_dim);
  EXPECT_NEAR(*e.bits_per_dim, *e.nll / (6 * std::log(2.0)), 1e-12);
}

TEST(evaluate, data_of_another_width_are_refused) {
  const Dataset data = curve(10, 4);
  TinyFit fit(quick(), data);
  try {
    fit.evaluate(curve(10, 5));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::shape);
  }
}

TEST(evaluate, one_row_works) {
  const Dataset data = curve(1, 4);
  TinyFit fit(quick(), data);
  const Evaluation e = fit.evaluate(data, {.samples = 4});
  EXPECT_TRUE(std::isfinite(*e.nll));
  EXPECT_FALSE(e.nll_standard_error);
}

TEST(evaluate, dynamic_binarisation_has_the_frequency_of_the_pixel) {
  const Dataset data = stripes(1, 8);
  std::vector<double> ones(8, 0);
  constexpr int kSeeds = 4000;
  FitOptions options = quick();
  options.binarize = "dynamic";
  TinyFit fit(options, data);
  const ModelPrograms programs(fit.model, {}, fit.job.mode);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    for_each_block(programs, data, seed, nullptr, [&](std::int64_t, auto net, auto) {
      for (std::size_t d = 0; d < 8; ++d) {
        ASSERT_TRUE(net[d] == 0.0f || net[d] == 1.0f);
        ones[d] += static_cast<double>(net[d]) / kSeeds;
      }
    });
  for (std::size_t d = 0; d < 8; ++d) {
    const double p = data.values.as<std::uint8_t>()[d] / 255.0;
    EXPECT_NEAR(ones[d], p, 4 * std::sqrt(p * (1 - p) / kSeeds) + 1e-9) << d;
  }
}

TEST(evaluate, threshold_cuts_at_one_half) {
  const Dataset data =
      Dataset::from(Tensor::of<float>({1, 4}, std::vector<float>{0, 0.49f, 0.5f, 1}));
  FitOptions options = quick();
  options.binarize = "threshold";
  TinyFit fit(options, data);
  const ModelPrograms programs(fit.model, {}, fit.job.mode);
  for_each_block(programs, data, 0, nullptr, [&](std::int64_t, auto net, auto) {
    EXPECT_EQ(std::vector<float>(net.begin(), net.end()), (std::vector<float>{0, 0, 1, 1}));
  });
}

}  // namespace
}  // namespace diabolo::evaluate_test
