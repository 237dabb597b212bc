// Completing rows, where the truth is known: a linear decoder and normal noise, with any encoder.
#include <diabolo/train/complete.h>
#include <gtest/gtest.h>
#include <models/linear_gaussian_exact.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace diabolo::complete_test {
namespace {

using testing::LinearGaussianExact;

constexpr std::int64_t D = LinearGaussianExact::D, Z = LinearGaussianExact::Z;
constexpr float kHole = std::numeric_limits<float>::quiet_NaN();
const std::vector<float> kX = {2.0f,  0.4f,  kHole, kHole,  //
                               -1.2f, kHole, 0.5f,  -0.3f,  //
                               kHole, kHole, kHole, kHole,  //
                               0.3f,  -1.0f, 0.5f,  0.1f};

Dataset rows(const std::vector<float>& x = kX) {
  return Dataset::from(Tensor::of<float>({std::ssize(x) / D, D}, x), "rows");
}

void set(ModelData& model, const std::string& name, const std::vector<float>& values) {
  for (const ParameterInfo& info : model.parameters.all()) {
    if (info.name != name) continue;
    ASSERT_EQ(std::ssize(values), info.shape.size()) << name;
    std::copy(values.begin(), values.end(), model.values.as<float>().begin() + info.offset);
    return;
  }
  FAIL() << name;
}

// The exact decoder, and an encoder that knows nothing: it gives the prior, or something rough.
ModelData model(bool prior_encoder = false) {
  const LinearGaussianExact exact;
  Composition c;
  c.latent = Z;
  c.missing = c.partial = true;
  c.encoder.settings = {{"hidden", "6"}, {"activation", "tanh"}};
  c.decoder.settings = {{"hidden", std::to_string(Z)}, {"activation", "identity"}};
  c.likelihood = {"normal", {{"scale", exact.scale}}};
  ModelData m = make_model(c, {}, {}, {D}, 5);
  std::vector<float> w, unit(Z * Z);
  for (std::size_t z = 0; z < Z; ++z) {
    unit[z * Z + z] = 1;
    for (std::size_t d = 0; d < D; ++d) w.push_back(static_cast<float>(exact.w[d][z]));
  }
  set(m, "decoder.0.weight", unit);
  set(m, "likelihood.mean.weight", w);
  set(m, "likelihood.mean.bias", {exact.bias.begin(), exact.bias.end()});
  set(m, "partial.posterior.log_std.bias", std::vector<float>(Z, prior_encoder ? 0.0f : 0.3f));
  if (prior_encoder) {
    set(m, "partial.posterior.mean.weight", std::vector<float>(6 * Z));
    set(m, "partial.posterior.log_std.weight", std::vector<float>(6 * Z));
  }
  return m;
}

Completed run(const ModelData& m, const Dataset& data, const CompleteOptions& options,
              int threads = 1, kernels::Mode mode = kernels::Mode::fast) {
  const ModelPrograms programs(m, {}, mode);
  ThreadPool pool(threads);
  return complete(programs, data, options, &pool);
}

bool same(const Tensor& a, const Tensor& b) {
  return a.bytes() == b.bytes() && std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

TEST(complete, means_and_draws_are_those_of_the_exact_conditional) {
  constexpr std::int64_t kDraws = 4000;
  const ModelData m = model();
  const Completed c = run(m, rows(), {.samples = 30000, .draws = kDraws});
  const LinearGaussianExact exact;
  const auto mean = c.mean.as<float>(), draws = c.draws.as<float>();
  for (std::size_t row = 0; row < 4; ++row) {
    double x[D];
    for (std::size_t d = 0; d < D; ++d) x[d] = static_cast<double>(kX[row * D + d]);
    const auto given = exact.given(x);
    for (std::size_t d = 0; d < D; ++d) {
      if (!std::isnan(x[d])) continue;
      EXPECT_NEAR(mean[row * D + d], given.mean[d], 0.04) << row << " " << d;
      double sum = 0, squares = 0;
      for (std::size_t k = 0; k < kDraws; ++k) {
        const double e = static_cast<double>(draws[(row * kDraws + k) * D + d]) - given.mean[d];
        sum += e / kDraws;
        squares += e * e / kDraws;
      }
      EXPECT_NEAR(sum, 0, 0.1) << row << " " << d;
      EXPECT_NEAR(std::sqrt(squares) / given.sd[d], 1, 0.05) << row << " " << d;
    }
  }
}

TEST(complete, effective_sample_size_is_all_draws_for_equal_weights_and_few_for_odd_rows) {
  const ModelData m = model(true);
  std::vector<float> x(3 * D, kHole);
  x[D] = 0.5f;    // fits
  x[2 * D] = 12;  // far from what the encoder expects
  const Completed c = run(m, rows(x), {.samples = 1600});
  ASSERT_EQ(c.effective.size(), 3u);
  EXPECT_NEAR(c.effective[0], 1600, 1);
  EXPECT_GT(c.effective[1], 200);
  EXPECT_LT(c.effective[1], 1500);
  EXPECT_GE(c.effective[2], 1);
  EXPECT_LT(c.effective[2], 40);
}

TEST(complete, rows_in_which_few_codes_count_are_given_more) {
  const ModelData m = model(true);  // its codes are of the prior, whatever the row
  const Dataset data = rows({0.1f, kHole, kHole, kHole, 2.5f, 1.5f, -1.0f, 0.8f});
  const Completed c = run(m, data, {.samples = 1600});
  const double usual = c.effective[0] / 1600, odd = c.effective[1] / (4 * 1600);
  EXPECT_GT(usual, 0.1);
  EXPECT_LE(usual, 1);
  // What all four times as many are worth; the first quarter alone would not come to half of it.
  const double truth = run(m, data, {.samples = 50000}).effective[1] / (4 * 50000);
  EXPECT_LT(truth, 0.08);
  EXPECT_NEAR(odd / truth, 1, 0.3);
}

TEST(complete, equal_rows_are_completed_alike_unless_noise_goes_by_place) {
  const std::vector<float> x = {1, kHole, kHole, 0, 1, kHole, kHole, 0};
  const ModelData m = model();
  const Completed alike = run(m, rows(x), {.samples = 100, .draws = 2});
  const Completed placed = run(m, rows(x), {.samples = 100, .draws = 2, .keys_by_place = true});
  const auto a = alike.draws.as<float>(), b = placed.draws.as<float>();
  for (std::size_t i = 0; i < 2 * D; ++i) EXPECT_EQ(a[i], a[2 * D + i]) << i;
  EXPECT_NE(a[1], a[D + 1]) << "draws of a row differ";
  for (std::size_t i = 0; i < 2 * D; ++i) EXPECT_NE(b[i], b[2 * D + i]) << i;
}

TEST(complete, bits_come_from_seed_and_row_whatever_the_threads) {
  const ModelData m = model();
  std::vector<float> x;
  for (int copy = 0; copy < 200; ++copy)
    for (const float v : kX) x.push_back(v + 0.01f * static_cast<float>(copy));
  const Dataset data = rows(x);
  const CompleteOptions options{.samples = 32, .draws = 2, .seed = 3};
  for (const auto mode : {kernels::Mode::reproducible, kernels::Mode::fast}) {
    const Completed one = run(m, data, options, 1, mode), again = run(m, data, options, 1, mode);
    EXPECT_TRUE(same(one.mean, again.mean) && same(one.draws, again.draws));
    EXPECT_EQ(one.effective, again.effective);
    if (mode == kernels::Mode::fast) continue;
    const Completed three = run(m, data, options, 3, mode);
    EXPECT_TRUE(same(one.mean, three.mean) && same(one.draws, three.draws));
    EXPECT_EQ(one.effective, three.effective);
  }
  EXPECT_FALSE(same(run(m, data, options).draws,
                    run(m, data, {.samples = 32, .draws = 2, .seed = 4}).draws));
}

TEST(complete, a_model_without_a_partial_encoder_is_refused) {
  Composition c;
  c.missing = true;
  const ModelData m = make_model(c, {}, {}, {D}, 5);
  EXPECT_THROW(run(m, rows(), {}), Error);
  EXPECT_THROW(run(model(), rows(), {.samples = 0}), Error);
}

}  // namespace
}  // namespace diabolo::complete_test
