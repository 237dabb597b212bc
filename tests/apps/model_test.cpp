#include <apps/small.h>
#include <diabolo/models/presets.h>
#include <diabolo/train/checkpoint.h>
#include <gtest/gtest.h>
#include <support/allocations.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <numeric>
#include <thread>

namespace diabolo {
namespace {

using testing::bars;
using testing::curve;
using testing::Folder;
using testing::quick;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool same(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         std::equal(a.data(), a.data() + a.bytes(), b.data());
}

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

TEST(Model, every_preset_fits_saves_loads_and_gives_the_same_bits) {
  const Folder folder("presets");
  const Dataset data = bars(200);
  for (const Preset& preset : presets()) {
    SCOPED_TRACE(preset.name);
    FitOptions options = quick();
    options.model = preset.name;
    const Model model = fit(data, options);
    model.save(folder / "model.safetensors");
    const Model loaded = load(folder / "model.safetensors");
    EXPECT_TRUE(same(model.encode(data), loaded.encode(data)));
    EXPECT_TRUE(same(model.encode_draws(data, 3), loaded.encode_draws(data, 3)));
    EXPECT_TRUE(same(model.reconstruct(data).values, loaded.reconstruct(data).values));
    EXPECT_TRUE(same(model.sample(40).values, loaded.sample(40).values));
    const Tensor codes = model.encode(data);
    EXPECT_TRUE(same(model.decode(codes, true).values, loaded.decode(codes, true).values));
    EXPECT_EQ(model.evaluate(data).log_px, loaded.evaluate(data).log_px);
    EXPECT_EQ(model.data().settings, loaded.data().settings);
    EXPECT_EQ(model.data().history.size(), loaded.data().history.size());
    EXPECT_EQ(model.data().best_epoch, loaded.data().best_epoch);
    loaded.save(folder / "again.safetensors");
    EXPECT_EQ(bytes_of(folder / "model.safetensors"), bytes_of(folder / "again.safetensors"));
  }
}

TEST(Model, the_same_fit_gives_the_same_file) {
  const Folder folder("same");
  for (const char* name : {"a", "b"}) fit(curve(300), quick()).save(folder / name);
  EXPECT_EQ(bytes_of(folder / "a"), bytes_of(folder / "b"));
  FitOptions other = quick();
  other.seed = 1;
  fit(curve(300), other).save(folder / "c");
  EXPECT_NE(bytes_of(folder / "a"), bytes_of(folder / "c"));
}

TEST(Model, reproducible_fits_give_the_same_file_for_any_number_of_threads) {
  const Folder folder("threads");
  std::string first;
  for (const int threads : {1, 2, 5}) {
    FitOptions options = quick();
    options.mode = "reproducible";
    options.batch_size = 128;
    options.threads = threads;
    fit(curve(600), options).save(folder / "model");
    if (first.empty()) first = bytes_of(folder / "model");
    EXPECT_EQ(first, bytes_of(folder / "model")) << threads << " threads";
  }
}

TEST(Model, outputs_are_in_the_units_and_type_of_the_data) {
  const Dataset data = bars(300);
  FitOptions options = quick();
  options.epochs = 200;
  options.learning_rate = 5e-3;
  const Model model = fit(data, options);
  const Dataset drawn = model.sample(200), means = model.sample(200, {.mean = true});
  EXPECT_EQ(drawn.values.dtype(), DType::u8);
  EXPECT_EQ(drawn.row_shape, (Shape{4, 5}));
  EXPECT_TRUE(drawn.is_image);
  EXPECT_EQ(means.values.dtype(), DType::f32);
  // A bar of five columns is near 220, the others near 40: 76 on average.
  const std::span<const float> x = means.values.as<float>();
  EXPECT_NEAR(std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()), 76, 15);
  EXPECT_GT(*std::max_element(x.begin(), x.end()), 150.0f);

  // The mse of evaluate is that of the reconstructions.
  const Dataset made = model.reconstruct(data);
  double squares = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(made.values.size()); ++i) {
    const double e = static_cast<double>(made.values.as<float>()[i]) -
                     static_cast<double>(data.values.as<std::uint8_t>()[i]);
    squares += e * e;
  }
  EXPECT_NEAR(*model.evaluate(data).mse, squares / static_cast<double>(made.values.size()), 1e-2);
}

TEST(Model, densities_are_on_the_scale_of_the_data) {
  // The same curve in other units: log p(x) falls by D log 1024. An autoencoder, whose log p(x|z)
  // has no noise (the noise of a row is keyed by its values).
  Dataset small = curve(400);
  Tensor scaled = small.values.clone();
  for (float& x : scaled.as<float>()) x *= 1024;
  const Dataset large = Dataset::from(std::move(scaled));
  FitOptions options = quick();
  options.model = "ae";
  const double a = fit(small, options).evaluate(small).log_px;
  const double b = fit(large, options).evaluate(large).log_px;
  EXPECT_NEAR(a - b, 3 * std::log(1024.0), 1e-3);
}

TEST(Model, scores_tell_rows_that_break_the_relation) {
  const Dataset data = curve(1000);
  FitOptions options = quick();
  options.epochs = 200;
  options.learning_rate = 5e-3;
  const Model model = fit(data, options);
  Dataset odd = curve(200, 9);
  for (std::int64_t i = 0; i < 200; ++i)
    odd.values.as<float>()[static_cast<std::size_t>(3 * i + 2)] *= -1;
  EXPECT_GT(mean(model.score(odd)), mean(model.score(data)) + 3);
}

TEST(Model, more_samples_tighten_the_bound) {
  const Dataset data = curve(500);
  const Model model = fit(data, quick());
  const Evaluation one = model.evaluate(data), many = model.evaluate(data, {.samples = 100});
  EXPECT_FALSE(one.nll.has_value());
  EXPECT_LT(*many.nll, -*many.elbo);
  EXPECT_EQ(one.log_px, many.log_px);
  EXPECT_GT(*many.nll_standard_error, 0);
  EXPECT_FALSE(many.bits_per_dim.has_value());  // a density has no bits
}

TEST(Model, bits_per_dimension_where_all_is_mass) {
  FitOptions options = quick();
  options.binarize = "threshold";
  const Dataset data = bars(200);
  const Evaluation e = fit(data, options).evaluate(data, {.samples = 20});
  ASSERT_TRUE(e.bits_per_dim.has_value());
  EXPECT_NEAR(*e.bits_per_dim, *e.nll / (20 * std::log(2.0)), 1e-12);
  EXPECT_LT(*e.bits_per_dim, 1);
}

TEST(Model, a_row_keeps_its_result_wherever_it_stands) {
  const Dataset data = curve(600);
  Model model = fit(data, quick());
  model.set_reproducible(true);
  const std::vector<double> all = model.score(data);
  const std::int64_t picks[] = {599, 3, 77};
  const std::vector<double> some = model.score(data.select(picks));
  EXPECT_EQ(some[0], all[599]);
  EXPECT_EQ(some[1], all[3]);
  EXPECT_EQ(some[2], all[77]);
  model.set_threads(3);
  EXPECT_EQ(model.score(data), all);
  EXPECT_NE(model.score(data, 16, 1), all);
}

// Rows of 0 and 1 alone take other products than rows among grey ones.
TEST(Model, zeros_and_ones_have_the_same_codes_beside_grey_rows) {
  Dataset pictures = bars(40);
  const auto bytes = pictures.values.as<std::uint8_t>();
  for (std::size_t i = 20; i < bytes.size(); ++i) bytes[i] = bytes[i] > 128 ? 255 : 0;
  FitOptions options = quick();
  options.likelihood = "bernoulli";
  options.mode = "reproducible";
  const Model model = fit(pictures, options);
  const Tensor all = model.encode(pictures), some = model.encode(pictures.rows(1, 39));
  EXPECT_TRUE(std::equal(some.as<float>().begin(), some.as<float>().end(),
                         all.as<float>().begin() + model.latent()));
  const Dataset drawn = model.reconstruct(pictures),
                fewer = model.reconstruct(pictures.rows(1, 39));
  EXPECT_TRUE(std::equal(fewer.values.as<float>().begin(), fewer.values.as<float>().end(),
                         drawn.values.as<float>().begin() + 20));
}

TEST(Model, serves_many_threads_at_once) {
  const Dataset data = curve(64);
  const Model model = fit(data, quick());
  const std::vector<double> expected = model.score(data);
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t)
    callers.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::int64_t row = (t + 8 * i) % 64;
        const double score = model.score(data.rows(row, 1))[0];
        wrong += std::abs(score - expected[static_cast<std::size_t>(row)]) > 1e-4;
      }
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST(Model, scores_row_after_row_without_allocating) {
  const Dataset data = curve(64), row = data.rows(5, 1);
  Model model = fit(data, quick());
  model.set_reproducible(true);  // oneDNN takes memory of its own
  double score = 0;
  model.score(row, {&score, 1});
  const long before = testing::allocations();
  for (int i = 0; i < 20; ++i) model.score(row, {&score, 1});
  EXPECT_EQ(testing::allocations(), before);
}

TEST(Model, refuses_what_does_not_fit) {
  const Model model = fit(curve(100), quick());
  EXPECT_THROW(model.encode(bars(3)), Error);
  EXPECT_THROW(model.decode(Tensor(DType::f32, {4, 3})), Error);
  EXPECT_THROW(model.sample(0), Error);
  Tensor bad(DType::f32, {1, 2});
  bad.as<float>()[1] = NAN;
  EXPECT_THROW(model.decode(bad), Error);
  FitOptions ae = quick();
  ae.model = "ae";
  EXPECT_THROW(fit(curve(100), ae).score(curve(10)), Error);
}

TEST(Fit, a_mixture_prior_is_fitted_after_training_against_the_standard_one) {
  const Dataset data = curve(600);
  FitOptions options = quick();
  options.epochs = 40;
  options.learning_rate = 5e-3;
  const double standard = *fit(data, options).evaluate(data).elbo;
  options.components = {{"prior", "mixture"}, {"prior.components", "5"}};
  const Model model = fit(data, options);
  for (const EpochRecord& record : model.data().history) EXPECT_GT(record.kl, -0.5);
  EXPECT_GT(*model.evaluate(data).elbo, standard - 0.3);
}

TEST(Fit, of_no_rows_is_refused) {
  const Dataset none = curve(3).rows(0, 0);
  EXPECT_THROW(fit(none, quick()), Error);
  EXPECT_THROW(fit(curve(20), quick(), {.valid = &none}), Error);
  EXPECT_THROW(fit(curve(20), quick()).evaluate(none), Error);
}

TEST(Fit, a_reproducible_model_stays_so_in_its_file) {
  const Folder folder("reproducible");
  const Dataset data = curve(300);
  FitOptions options = quick();
  options.mode = "reproducible";
  const Model model = fit(data, options);
  model.save(folder / "model");
  const Model loaded = load(folder / "model");
  EXPECT_EQ(model.score(data), loaded.score(data));
  const std::int64_t one[] = {7};
  EXPECT_EQ(loaded.score(data.select(one))[0], model.score(data)[7]);
}

TEST(Fit, works_on_one_row_and_on_constant_columns) {
  const Model one = fit(curve(1), quick());
  EXPECT_TRUE(std::isfinite(one.evaluate(curve(1)).log_px));
  for (const std::uint64_t seed : {1u, 2u, 3u})  // a prior is not fitted to one code
    EXPECT_LT(std::abs(*one.evaluate(curve(1), {.seed = seed}).kl), 100);
  Tensor constant(DType::f32, {50, 2});
  for (float& x : constant.as<float>()) x = 3;
  const Dataset data = Dataset::from(std::move(constant));
  const Model model = fit(data, quick());
  EXPECT_TRUE(std::isfinite(*model.evaluate(data).elbo));
  EXPECT_NEAR(model.sample(1, {.mean = true}).values.as<float>()[0], 3, 0.5);
}

// A checkpoint comes from a file, so its settings and rows may be anything.
TEST(Resume, a_crafted_checkpoint_is_refused_or_is_none) {
  const Dataset data = curve(60);
  const auto begun = [&] {
    auto checkpoint = std::make_unique<Checkpoint>();
    const Model model = fit(data, quick(), {.checkpoint = checkpoint.get()});
    const Folder folder("resume");
    write_checkpoint(folder / "c", model.data(), checkpoint->state, true);
    *checkpoint = read_checkpoint(folder / "c", {});
    return checkpoint;
  };
  const auto words = begun();
  words->model.settings["epochs"] = "many";
  fit(data, quick(), {.checkpoint = words.get()});  // 0 epochs, and more are asked for
  const auto empty = begun();
  empty->state.model.shards = 0;
  empty->state.rows = {1000000};
  EXPECT_EQ(fit(data, quick(), {.checkpoint = empty.get()}).data().history.size(), 8u);
}

}  // namespace
}  // namespace diabolo
