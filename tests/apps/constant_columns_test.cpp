// Columns of one value are known before the first step.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "apps/small.h"

namespace diabolo {
namespace {

/// One step that changes nothing.
FitOptions untrained(const std::string& likelihood) {
  FitOptions options = testing::quick();
  options.epochs = 1;
  options.learning_rate = 1e-12;
  options.likelihood = likelihood;
  return options;
}

Dataset numbers_with_a_constant() {
  Dataset data = testing::curve(60);
  for (std::size_t row = 0; row < 60; ++row) data.values.as<float>()[3 * row + 1] = 7.25f;
  return data;
}

TEST(ConstantColumns, of_numbers_begin_at_their_value_and_the_least_scale) {
  const Dataset data = numbers_with_a_constant();
  for (const char* likelihood : {"normal", "student"}) {
    const Model model = fit(data, untrained(likelihood));
    const Dataset means = model.reconstruct(data), drawn = model.sample(200);
    for (std::size_t row = 0; row < 60; ++row)
      EXPECT_EQ(means.values.as<float>()[3 * row + 1], 7.25f) << likelihood;
    double square = 0;
    for (std::size_t row = 0; row < 200; ++row)
      square += std::pow(drawn.values.as<float>()[3 * row + 1] - 7.25, 2) / 200;
    EXPECT_LT(std::sqrt(square), 0.05) << likelihood;  // e^-6 is 0.0025
  }
}

TEST(ConstantColumns, with_missing_cells_are_constant_too_and_others_begin_as_ever) {
  Dataset data = numbers_with_a_constant();
  data.values.as<float>()[1] = std::nanf("");
  FitOptions options = untrained("normal");
  options.missing = true;
  const Dataset means = fit(data, options).reconstruct(data);
  EXPECT_EQ(means.values.as<float>()[1], 7.25f);
  EXPECT_NE(means.values.as<float>()[0], means.values.as<float>()[3]);
}

TEST(ConstantColumns, one_scale_for_all_is_left_as_it_is) {
  FitOptions options = untrained("normal");
  options.components["likelihood.per"] = "all";
  const Dataset drawn = fit(numbers_with_a_constant(), options).sample(200);
  double most = 0;
  for (std::size_t row = 0; row < 200; ++row)
    most = std::max(most, std::abs(drawn.values.as<float>()[3 * row + 1] - 7.25));
  EXPECT_GT(most, 0.3);
}

TEST(ConstantColumns, of_pixels_begin_as_likely_as_they_were_frequent) {
  for (const char* binarize : {"none", "dynamic", "threshold"}) {
    Dataset data = testing::bars(100);
    for (std::size_t row = 0; row < 100; ++row) {
      data.values.as<std::uint8_t>()[20 * row] = 0;
      data.values.as<std::uint8_t>()[20 * row + 19] = 255;
    }
    FitOptions options = untrained("bernoulli");
    options.binarize = binarize;
    options.valid = 0;
    const Dataset means = fit(data, options).reconstruct(data);
    for (std::size_t row = 0; row < 100; ++row) {
      EXPECT_NEAR(means.values.as<float>()[20 * row], 255.0 / 102, 1e-3) << binarize;
      EXPECT_NEAR(means.values.as<float>()[20 * row + 19], 255 * 101.0 / 102, 1e-3) << binarize;
    }
  }
}

TEST(ConstantColumns, of_pictures_are_not_called_wrong) {
  Dataset data = testing::bars(100);
  for (std::size_t row = 0; row < 100; ++row) data.values.as<std::uint8_t>()[20 * row + 3] = 255;
  FitOptions options = testing::quick();
  options.epochs = 30;
  const Model pictures = fit(data, options);  // a normal density of bytes
  EXPECT_EQ(pictures.data().findings.find("scale-at-bound"), std::string::npos);
  const auto means = pictures.reconstruct(data).values;
  EXPECT_EQ(means.as<float>()[3], 255) << "no step has moved what is known";
  // One scale for all is no single pixel's.
  FitOptions shared = options;
  shared.components["likelihood.per"] = "all";
  shared.learning_rate = 0.1;
  Tensor same(DType::u8, {100, 4, 5});
  std::ranges::fill(same.as<std::uint8_t>(), std::uint8_t{20});
  const Model grey = fit(Dataset::from(std::move(same)), shared);
  EXPECT_NE(grey.data().findings.find("scale-at-bound"), std::string::npos);
  const Model numbers = fit(numbers_with_a_constant(), options);
  EXPECT_NE(numbers.data().findings.find("scale-at-bound"), std::string::npos);
}

}  // namespace
}  // namespace diabolo
