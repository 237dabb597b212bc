// What the page is told, without the page: every number is that of the verbs, and texts are safe.
#include <diabolo/diabolo.h>
#include <diabolo/report/json.h>
#include <diabolo/report/principal.h>
#include <diabolo/report/report.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/small.h"

namespace diabolo {
namespace {

using testing::bars;
using testing::curve;
using testing::quick;

Json told(const ReportInput& input) { return Json::parse(report_data(input)); }

ReportInput input_of(const Model& model, const Dataset* data) {
  ReportInput input;
  input.model = &model;
  input.data = data;
  input.title = "run";
  return input;
}

TEST(Report, its_numbers_are_those_of_evaluate_and_score) {
  const Dataset data = curve(300);
  FitOptions options = quick();
  options.components["prior"] = "standard";  // a mixture has no KL of single latents
  const Model model = fit(data, options);
  const Json page = told(input_of(model, &data));
  const Evaluation e = model.evaluate(data);
  EXPECT_EQ(page["evaluation"]["elbo"].get<double>(), *e.elbo);
  EXPECT_EQ(page["evaluation"]["kl_per_unit"].get<std::vector<double>>(), e.kl_per_unit);
  EXPECT_EQ(page["evaluation"]["active_units"].get<std::int64_t>(), e.active_units);

  const std::vector<double> scores = model.score(data);
  const Json& worst = page["scores"]["worst"];
  ASSERT_EQ(worst.size(), 20u);
  const auto row = worst[0]["row"].get<std::size_t>();
  EXPECT_EQ(worst[0]["score"].get<double>(), scores[row]);
  EXPECT_EQ(scores[row], *std::max_element(scores.begin(), scores.end()));
  EXPECT_EQ(page["scores"]["best"][0]["score"].get<double>(),
            *std::min_element(scores.begin(), scores.end()));
  EXPECT_EQ(page["map"]["count"], 300);
  EXPECT_EQ(page["columns"]["columns"].size(), 3u);
}

TEST(Report, is_the_same_each_time_and_shows_as_many_points_as_asked_for) {
  const Dataset data = curve(300);
  const Model model = fit(data, quick());
  ReportInput input = input_of(model, &data);
  EXPECT_EQ(report_data(input), report_data(input));
  input.points = 100;
  const Json page = told(input);
  EXPECT_EQ(page["map"]["count"], 100);
  EXPECT_EQ(page["map"]["total"], 300);
}

TEST(Report, of_pictures_has_traversals_of_every_latent_and_sorts_by_label) {
  const Dataset data = bars(200);
  FitOptions options = quick();
  options.latent = 3;
  const Model model = fit(data, options);
  std::vector<double> values;
  for (std::int64_t i = 0; i < 200; ++i) values.push_back(static_cast<double>(i % 3));
  const ReportColumn labels = labels_of("kind", values);
  ReportInput input = input_of(model, &data);
  input.labels = &labels;
  const Json pictures = told(input)["pictures"];
  EXPECT_EQ(pictures["units"].size(), 3u);
  EXPECT_EQ(pictures["traversals"]["count"], 3 * pictures["steps"].get<int>());
  EXPECT_EQ(pictures["samples"]["count"], 64);
  const auto names = pictures["labels"].get<std::vector<std::string>>();
  ASSERT_EQ(names.size(), 32u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::count(names.begin(), names.end(), "2"), 10);  // as many of each as can be
}

TEST(Report, of_an_autoencoder_or_without_rows_leaves_out_what_is_not_there) {
  const Dataset data = curve(100);
  FitOptions options = quick();
  options.model = "ae";
  options.latent = 1;
  options.valid = 0;
  const Model model = fit(data, options);
  const Json page = told(input_of(model, &data));
  EXPECT_TRUE(page["scores"].is_null());
  EXPECT_TRUE(page["evaluation"]["elbo"].is_null());
  EXPECT_EQ(page["map"]["axes"].size(), 2u);
  const Json alone = told(input_of(model, nullptr));
  EXPECT_FALSE(alone.contains("map"));
  EXPECT_EQ(alone["summary"]["latent"], 1);
}

TEST(Report, says_what_rows_the_threshold_is_of) {
  const Dataset data = curve(100);
  for (const double valid : {0.0, 0.2}) {
    FitOptions options = quick();
    options.valid = valid;
    const Model model = fit(data, options);
    const Json scores = told(input_of(model, &data))["scores"];
    ASSERT_FALSE(scores["threshold"].is_null());
    EXPECT_EQ(scores["threshold_held_out"].get<bool>(), valid > 0);
  }
}

TEST(Report, codes_on_a_line_have_one_direction) {
  Tensor codes(DType::f32, {3, 3});
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t z = 0; z < 3; ++z)
      codes.as<float>()[3 * row + z] =
          static_cast<float>(row * row) * (0.3f + static_cast<float>(z));
  const Principal p = principal_two(codes);
  EXPECT_NEAR(p.x_share, 1, 1e-9);
  EXPECT_EQ(p.y_share, 0);
  EXPECT_EQ(p.y, std::vector<double>(3, 0.0));
}

TEST(Report, large_pictures_are_shown_small) {
  Tensor values(DType::u8, {3, 200, 150});
  for (std::size_t i = 0; i < values.bytes(); ++i)
    values.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(i % 251);
  const Dataset data = Dataset::from(std::move(values));
  FitOptions options = quick();
  options.epochs = 1;
  const Model model = fit(data, options);
  const Json pictures = told(input_of(model, &data))["pictures"];
  EXPECT_EQ(pictures["originals"]["height"], 96);
  EXPECT_EQ(pictures["originals"]["width"], 72);
}

TEST(Report, finds_missing_values_in_any_column) {
  Tensor values(DType::f32, {200, 50});
  const auto x = values.as<float>();
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 7919 % 1000);
  for (std::size_t row = 0; row < 200; row += 4)
    for (std::size_t d = 10; d < 50; ++d)
      if (d != 20 && (row % 8 == 0 || d >= 45)) x[row * 50 + d] = std::nanf("");
  const Dataset data = Dataset::from(std::move(values));
  FitOptions options = quick();
  options.missing = true;
  options.epochs = 1;
  const Model model = fit(data, options);
  const Json missing = told(input_of(model, &data))["missing"];
  EXPECT_EQ(missing["with_holes"], 39);
  EXPECT_EQ(missing["columns_total"], 50);
  const auto names = missing["names"].get<std::vector<std::string>>();
  ASSERT_EQ(names.size(), 30u);
  EXPECT_EQ(names.front(), "c10");
  EXPECT_EQ(names.back(), "c49");  // lacks most
  EXPECT_DOUBLE_EQ(missing["share"].back().get<double>(), 0.25);
}

TEST(Report, refuses_labels_of_other_rows) {
  const Dataset data = curve(100);
  const Model model = fit(data, quick());
  const ReportColumn labels = labels_of("kind", std::vector<double>(99, 1.0));
  ReportInput input = input_of(model, &data);
  input.labels = &labels;
  EXPECT_THROW(report_data(input), Error);
}

TEST(Report, texts_cannot_end_the_script_they_stand_in) {
  const std::string text = "</script><!-- & \xe2\x80\xa8\xe2\x80\xa9 \"";
  const std::string safe = script_text(Json{{text, text}});
  EXPECT_EQ(safe.find_first_of("<>&"), std::string::npos) << safe;
  EXPECT_EQ(safe.find("\xe2\x80\xa8"), std::string::npos);
  EXPECT_EQ(Json::parse(safe), (Json{{text, text}}));
  EXPECT_EQ(make_report("a@DIABOLO_DATA@b",
                        [] {
                          static const Model model = fit(curve(60), quick());
                          return input_of(model, nullptr);
                        }())
                .front(),
            'a');
}

TEST(Report, text_that_is_no_utf8_is_shown_somehow) {
  EXPECT_NO_THROW(script_text(Json{{"name", "\xff\xfe"}}));
}

TEST(Base64, is_what_the_standard_says) {  // RFC 4648, section 10
  const auto of = [](std::string_view text) {
    return base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("f"), "Zg==");
  EXPECT_EQ(of("fo"), "Zm8=");
  EXPECT_EQ(of("foo"), "Zm9v");
  EXPECT_EQ(of("foobar"), "Zm9vYmFy");
}

TEST(Labels, are_levels_where_they_are_few_whole_numbers_and_keep_holes) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const ReportColumn whole = labels_of("a", std::vector<double>{10, 9, nan, 10});
  EXPECT_EQ(whole.levels, (std::vector<std::string>{"9", "10"}));
  EXPECT_EQ(whole.text(whole.values[0]), "10");
  EXPECT_TRUE(std::isnan(whole.values[2]));
  EXPECT_TRUE(labels_of("a", std::vector<double>{0.5, 1}).levels.empty());
  const ReportColumn words =
      labels_of("a", std::vector<std::string>{"x", "", "y", "z", "z", "w"}, 3);
  EXPECT_EQ(words.levels.size(), 3u);
  EXPECT_EQ(words.levels.back(), "others");
}

void expect_the_axes_of_a_stretched_cloud(std::int64_t rows) {
  Tensor codes(DType::f32, {rows, 3});
  for (std::int64_t i = 0; i < rows; ++i) {  // 5 along (1, 1, 0), 2 along z, hardly anything else
    const double a = 5 * std::sin(0.37 * static_cast<double>(i)),
                 b = 2 * std::cos(0.91 * static_cast<double>(i));
    const double point[] = {a * std::sqrt(0.5) + 1, a * std::sqrt(0.5), b};
    for (std::int64_t d = 0; d < 3; ++d)
      codes.as<float>()[static_cast<std::size_t>(3 * i + d)] = static_cast<float>(point[d]);
  }
  const Principal p = principal_two(codes);
  ASSERT_EQ(std::ssize(p.x), rows);
  EXPECT_NEAR(p.x_share, 25.0 / 29, 0.01);
  EXPECT_NEAR(p.y_share, 4.0 / 29, 0.01);
  EXPECT_NEAR(p.mean[0], 1, 0.05);
  for (std::int64_t i = 0; i < rows; i += 37) {
    const auto at = static_cast<std::size_t>(i);
    EXPECT_NEAR(p.x[at], 5 * std::sin(0.37 * static_cast<double>(i)), 0.1);
    EXPECT_NEAR(std::abs(p.y[at]), std::abs(2 * std::cos(0.91 * static_cast<double>(i))), 0.1);
  }
}

TEST(Principal, finds_the_axes_of_a_stretched_cloud) { expect_the_axes_of_a_stretched_cloud(400); }

TEST(Principal, of_many_rows_finds_them_on_some) { expect_the_axes_of_a_stretched_cloud(30001); }

}  // namespace
}  // namespace diabolo
