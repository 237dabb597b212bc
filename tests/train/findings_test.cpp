// What a training that ended without an error is told to be wrong with, and that a healthy one is
// told nothing.
#include <gtest/gtest.h>
#include <train/tiny_fit.h>

#include <diabolo/train/findings.h>

#include <algorithm>

namespace diabolo {
namespace {

using testing::all_rows;
using testing::curve;
using testing::quick;
using testing::stripes;
using testing::TinyFit;

FitOptions thorough(std::int64_t epochs = 60) {
  FitOptions o = quick();
  o.epochs = epochs;
  o.learning_rate = 1e-2;
  o.patience = 0;
  return o;
}

struct Found {
  std::string at_end;
  std::vector<std::string> on_the_way, sentences;

  bool has(const std::string& name) const { return at_end.find(name) != std::string::npos; }
  bool was_ever(const std::string& name) const {
    return std::ranges::any_of(on_the_way, [&](const std::string& names) {
      return names.find(name) != std::string::npos;
    });
  }
};

Found found(const FitOptions& options, const Dataset& data, const Dataset* valid = nullptr) {
  TinyFit fit(options, data);
  fit.train(data, valid);
  Found result{
      .at_end = fit.model.findings, .on_the_way = {}, .sentences = sentences(fit.model, {})};
  for (const EpochRecord& record : fit.model.history) result.on_the_way.push_back(record.findings);
  return result;
}

Dataset noise(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 3) {
  RandomStream random({.seed = seed});
  std::vector<float> values;
  for (std::int64_t i = 0; i < rows * columns; ++i)
    values.push_back(static_cast<float>(random.normal()));
  return Dataset::from(Tensor::of<float>({rows, columns}, values), "noise");
}

// Stripes have so few forms that some are the same.
Dataset noisy_stripes(std::int64_t rows, std::uint64_t seed) {
  Dataset data = stripes(rows, 16, seed);
  RandomStream random({.seed = seed});
  for (std::uint8_t& x : data.values.as<std::uint8_t>())
    x = static_cast<std::uint8_t>(x / 2 + random.below(60));
  return data;
}

TEST(findings, are_none_of_a_healthy_training_at_no_epoch) {
  const Dataset data = curve(400, 5), valid = curve(200, 5, 2);
  const Dataset pictures = noisy_stripes(300, 1), others = noisy_stripes(200, 2);
  for (const char* model : {"vae", "constrained-vae", "ae"}) {
    FitOptions o = thorough();
    o.model = model;
    if (std::string(model) != "vae") o.beta = {};
    if (std::string(model) == "ae") o.components = {};
    for (const Found& f : {found(o, data, &valid), found(o, data), found(o, pictures, &others)}) {
      EXPECT_EQ(f.at_end, "") << model;
      for (const std::string& names : f.on_the_way) EXPECT_EQ(names, "") << model;
      EXPECT_TRUE(f.sentences.empty());
    }
  }
}

TEST(findings, no_unit_is_active) {
  FitOptions o = thorough();
  o.beta = 20;
  const Dataset data = noise(200, 4), valid = noise(100, 4, 4);
  const Found f = found(o, data, &valid);
  EXPECT_TRUE(f.has("no-active-units")) << f.at_end;
  EXPECT_EQ(f.on_the_way.front(), "") << "too early to tell";
  ASSERT_FALSE(f.sentences.empty());
  EXPECT_TRUE(f.sentences[0].starts_with("no latent unit is active")) << f.sentences[0];
  EXPECT_FALSE(found(thorough(), curve(200, 4)).has("no-active-units"));
}

TEST(findings, validation_rows_are_apart) {
  FitOptions o = thorough(400);
  o.hidden = {64};
  o.latent = 8;
  const Dataset data = noise(24, 12), valid = curve(60, 12, 5);
  const Found f = found(o, data, &valid);
  EXPECT_TRUE(f.was_ever("validation-apart"));
  o.patience = 10;
  const Dataset same = curve(400, 12), fine = curve(200, 12, 2);
  EXPECT_FALSE(found(o, same, &fine).was_ever("validation-apart"));
}

TEST(findings, a_scale_is_at_its_bound) {
  Dataset data = curve(200, 3);
  for (std::size_t r = 0; r < 200; ++r) data.values.as<float>()[3 * r + 1] = 7;
  FitOptions o = thorough(200);
  o.learning_rate = 3e-2;
  const Found f = found(o, data);
  EXPECT_TRUE(f.has("scale-at-bound")) << f.at_end;
  ASSERT_FALSE(f.sentences.empty());
  EXPECT_NE(f.sentences[0].find("the learned scale of column 1 is at its lowest bound"),
            std::string::npos)
      << f.sentences[0];
}

TEST(findings, all_rows_are_the_same) {
  Dataset data = curve(50, 3);
  for (std::size_t i = 3; i < 150; ++i) data.values.as<float>()[i] = data.values.as<float>()[i - 3];
  EXPECT_EQ(found(thorough(3), data).at_end.substr(0, 9), "same-rows");
  data.values.as<float>()[0] += 1;
  EXPECT_FALSE(found(thorough(3), data).has("same-rows"));
}

TEST(findings, validation_rows_are_copies_of_training_rows) {
  const Dataset data = curve(100, 3), valid = curve(50, 3, 2);
  Dataset copies = curve(50, 3, 2);
  std::copy_n(data.values.as<float>().begin(), 3 * 5, copies.values.as<float>().begin() + 60);
  EXPECT_TRUE(found(thorough(2), data, &copies).has("copied-rows"));
  EXPECT_FALSE(found(thorough(2), data, &valid).has("copied-rows"));
  const Dataset pictures = stripes(50, 9);
  EXPECT_TRUE(found(thorough(2), pictures, &pictures).has("copied-rows"));
}

TEST(findings, rows_of_few_values_that_stand_twice_are_no_copies) {
  const auto coarse = [](std::int64_t rows, std::uint64_t seed) {
    RandomStream random({.seed = seed});
    std::vector<float> values;
    for (std::int64_t i = 0; i < rows * 3; ++i)
      values.push_back(static_cast<float>(random.below(3)));
    return Dataset::from(Tensor::of<float>({rows, 3}, values), "coarse");
  };
  const Dataset data = coarse(200, 1), valid = coarse(100, 2);
  EXPECT_FALSE(found(thorough(2), data, &valid).has("copied-rows"));
}

TEST(findings, steps_were_left_out) {
  Dataset data = curve(64, 3);
  data.values.as<float>()[7] = 3e38f;
  FitOptions o = quick();
  o.scale = "none";
  o.epochs = 2;
  const Found f = found(o, data);
  EXPECT_TRUE(f.has("left-out-steps")) << f.at_end;
}

}  // namespace
}  // namespace diabolo
