// Missing values contribute nothing, wherever a model is used; and what holds for rows of holes.
#include <gtest/gtest.h>

#include "apps/small.h"
#include "apps/tables.h"
#include "data/files.h"

namespace diabolo::missing_test {
namespace {

using testing::Folder;
using testing::MixedTable;
using testing::same_bits;
using testing::with_holes;
using testing::with_other_nan;

FitOptions options() {
  return {.latent = 2, .hidden = {16}, .epochs = 3, .batch_size = 32, .threads = 1};
}
Dataset table(double share = 0.3) { return with_holes(MixedTable(150).data(), share); }
Dataset array() { return with_holes(testing::curve(150), 0.3); }

FitOptions for_data(const Dataset& data) {
  FitOptions o = options();
  o.missing = !data.schema;
  return o;
}

TEST(Missing, no_bit_of_any_result_depends_on_what_is_under_the_mask) {
  for (const Dataset& data : {table(), array()}) {
    const Dataset other = with_other_nan(data);
    ASSERT_FALSE(same_bits(data.values, other.values));
    const Folder folder("missing");
    const Model model = fit(data, for_data(data));
    model.save(folder / "a");
    fit(other, for_data(data)).save(folder / "b");
    EXPECT_EQ(bytes_of(folder / "a"), bytes_of(folder / "b"));

    EXPECT_TRUE(same_bits(model.encode(data), model.encode(other)));
    EXPECT_TRUE(same_bits(model.encode_draws(data, 2), model.encode_draws(other, 2)));
    EXPECT_TRUE(same_bits(model.reconstruct(data).values, model.reconstruct(other).values));
    const Scores a = model.score_rows(data, {.explain = true}),
                 b = model.score_rows(other, {.explain = true});
    EXPECT_EQ(a.score, b.score);
    EXPECT_EQ(a.log_px, b.log_px);
    EXPECT_EQ(a.why, b.why);
    EXPECT_EQ(model.evaluate(data, {.samples = 3}).nll, model.evaluate(other, {.samples = 3}).nll);
    EXPECT_EQ(model.evaluate(data).loss, model.evaluate(other).loss);
    const ImputeOptions wanted{.samples = 20, .draws = 2, .uncertainty = true};
    const Imputation i = model.impute(data, wanted), j = model.impute(other, wanted);
    EXPECT_TRUE(same_bits(i.values, j.values) && same_bits(i.draws, j.draws));
    EXPECT_TRUE(same_bits(i.uncertainty, j.uncertainty));
    EXPECT_TRUE(same_bits(model.sample_given(data).values, model.sample_given(other).values));
  }
}

TEST(Missing, reasons_of_the_observed_columns_add_up_and_holes_have_none) {
  for (const Dataset& data : {table(), array()}) {
    const Model model = fit(data, for_data(data));
    const Scores s = model.score_rows(data, {.explain = true});
    const auto D = static_cast<std::size_t>(data.dimensions());
    for (std::size_t row = 0; row < s.score.size(); ++row) {
      double sum = 0;
      for (std::size_t d = 0; d < D; ++d) {
        const double why = s.why[row * D + d];
        if (std::isnan(data.values.as<float>()[row * D + d])) {
          EXPECT_EQ(why, 0);
        }
        sum += why;
      }
      EXPECT_NEAR(sum, -s.log_px[row], 1e-4 * (1 + std::abs(sum))) << row;
    }
  }
}

TEST(Missing, a_row_of_holes_alone_is_a_row_of_the_prior) {
  for (const Dataset& data : {table(), array()}) {
    const Model model = fit(data, for_data(data));
    Dataset row = data.rows(0, 2);
    for (float& x : row.values.as<float>()) x = std::numeric_limits<float>::quiet_NaN();
    for (double& slope : row.log_slopes) slope = 0;
    const Tensor codes = model.encode(row), seen = model.reconstruct(row).values.clone();
    for (const float z : codes.as<float>()) EXPECT_TRUE(std::isfinite(z));
    for (const float x : seen.as<float>()) EXPECT_TRUE(std::isfinite(x));
    const Scores s = model.score_rows(row);
    EXPECT_EQ(s.log_px[0], 0) << "nothing is observed";
    EXPECT_TRUE(std::isfinite(s.score[0]));
    const Imputation filled = model.impute(row, {.samples = 64});
    for (const double x : filled.values.as<double>()) EXPECT_TRUE(std::isfinite(x));
    EXPECT_TRUE(std::isfinite(model.evaluate(row, {.samples = 4}).loss));
  }
}

TEST(Missing, columns_without_any_value_can_be_learned_from) {
  Dataset data = testing::curve(100);
  for (std::size_t i = 1; i < 300; i += 3)
    data.values.as<float>()[i] = std::numeric_limits<float>::quiet_NaN();
  FitOptions o = options();
  o.missing = true;
  for (const double x : fit(data, o).score(data)) EXPECT_TRUE(std::isfinite(x));
}

TEST(Missing, nan_in_an_array_is_refused_unless_it_is_asked_for) {
  const Dataset data = array();
  expect_error(ErrorCode::not_finite, "--missing nan", [&] { fit(data, options()); });
  const Model whole = fit(testing::curve(50), options());
  expect_error(ErrorCode::not_finite, "row ", [&] { whole.score(data); });
  expect_error(ErrorCode::unsupported, "--partial on",
               [&] { whole.impute(testing::curve(5), {}); });
  Dataset infinite = testing::curve(50);
  infinite.values.as<float>()[4] = INFINITY;
  FitOptions o = options();
  o.missing = true;
  expect_error(ErrorCode::not_finite, "row 1, column 1", [&] { fit(infinite, o); });
}

// Rows that are farther away than any number of training, by more than f32 can square.
TEST(Missing, far_rows_have_finite_results_or_are_refused) {
  Dataset data = array();
  FitOptions o = options();
  o.missing = true;
  const Model model = fit(data, o);
  o.scale = "none";
  const Model unscaled = fit(data, o);
  const auto x = data.values.as<float>();
  const auto columns = static_cast<std::size_t>(data.dimensions());
  for (std::size_t row = 0; row < 20; ++row)
    for (std::size_t d = 0; d < columns; ++d)
      if (!std::isnan(x[row * columns + d])) x[row * columns + d] = row % 2 == 0 ? 1e30f : -3e38f;
  for (const double score : model.score(data)) EXPECT_TRUE(std::isfinite(score));
  const Tensor codes = model.encode(data), filled = model.impute(data, {.samples = 20}).values;
  for (const float v : codes.as<float>()) EXPECT_TRUE(std::isfinite(v));
  for (const double v : filled.as<double>()) EXPECT_TRUE(std::isfinite(v));
  EXPECT_TRUE(std::isfinite(model.evaluate(data).loss));
  expect_error(ErrorCode::not_finite, "got row ", [&] { unscaled.impute(data, {.samples = 20}); });
}

TEST(Missing, partial_off_leaves_the_second_encoder_out) {
  FitOptions o = options();
  o.partial = "off";
  const Model model = fit(table(), o);
  for (const ParameterInfo& info : model.data().parameters.all())
    EXPECT_FALSE(info.name.starts_with("partial.")) << info.name;
  expect_error(ErrorCode::unsupported, "--partial on", [&] { model.impute(table(), {}); });
  for (const double x : model.score(table())) EXPECT_TRUE(std::isfinite(x));
}

TEST(Missing, reproducible_results_have_the_same_bits_for_any_number_of_threads) {
  const Dataset data = with_holes(MixedTable(600).data(), 0.2);
  FitOptions o = options();
  o.mode = "reproducible";
  Model one = fit(data, o);
  o.threads = 3;
  Model three = fit(data, o);
  one.set_threads(1);
  three.set_threads(3);
  EXPECT_TRUE(same_bits(one.data().values, three.data().values));
  EXPECT_EQ(one.score(data), three.score(data));
  EXPECT_TRUE(same_bits(one.encode(data), three.encode(data)));
  const ImputeOptions wanted{.samples = 20, .draws = 2};
  const Imputation i = one.impute(data, wanted), j = three.impute(data, wanted);
  EXPECT_TRUE(same_bits(i.values, j.values) && same_bits(i.draws, j.draws));
  EXPECT_EQ(i.effective, j.effective);
}

// A row alone and among others, to the last bit.
TEST(Missing, reproducible_results_of_a_row_do_not_depend_on_its_neighbours) {
  const Dataset data = with_holes(MixedTable(60).data(), 0.3);
  FitOptions o = options();
  o.mode = "reproducible";
  const Model model = fit(data, o);
  const std::vector<double> scores = model.score(data);
  const Imputation all = model.impute(data, {.samples = 20});
  for (const std::int64_t row : {0, 17, 59}) {
    const Dataset alone = data.rows(row, 1);
    EXPECT_EQ(model.score(alone)[0], scores[static_cast<std::size_t>(row)]) << row;
    const Imputation i = model.impute(alone, {.samples = 20});
    const auto width = static_cast<std::size_t>(data.dimensions());
    for (std::size_t d = 0; d < width; ++d)
      EXPECT_EQ(i.values.as<double>()[d],
                all.values.as<double>()[static_cast<std::size_t>(row) * width + d]);
  }
}

}  // namespace
}  // namespace diabolo::missing_test
