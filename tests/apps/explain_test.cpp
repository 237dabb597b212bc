// What the columns of a row add to its score, and which are its reasons.
#include <diabolo/apps/explain.h>
#include <gtest/gtest.h>

#include "apps/small.h"
#include "apps/tables.h"

namespace diabolo {
namespace {

TEST(Reasons, are_the_three_largest_excesses_that_can_be_seen) {
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  EXPECT_EQ(reasons(std::vector<double>{0.5, -3, 2.04, 0.04, 1}, names),
            "c (+2.0), e (+1.0), a (+0.5)");
  EXPECT_EQ(reasons(std::vector<double>{1, 0, 1, 1, 1}, names), "a (+1.0), c (+1.0), d (+1.0)");
  EXPECT_EQ(reasons(std::vector<double>{-1, 0, 0.01, -2, 0}, names), "");
}

TEST(Explain, excess_is_nothing_on_average_and_where_nothing_is_seen) {
  const Dataset data = testing::with_holes(testing::MixedTable(800).data(), 0.2);
  const Model model = fit(data, {.latent = 2,
                                 .hidden = {32},
                                 .epochs = 20,
                                 .patience = 0,
                                 .batch_size = 64,
                                 .learning_rate = 3e-3,
                                 .threads = 1});
  const Scores scores = model.score_rows(data, {.explain = true});
  const auto D = static_cast<std::size_t>(data.dimensions());
  ASSERT_EQ(scores.excess.size(), scores.why.size());
  std::vector<double> sum(D), count(D);
  for (std::size_t i = 0; i < scores.excess.size(); ++i) {
    const float cell = data.values.as<float>()[i];
    if (cell != cell) {
      EXPECT_EQ(scores.excess[i], 0);
      EXPECT_EQ(scores.why[i], 0);
      EXPECT_FALSE(std::signbit(scores.why[i]));
      continue;
    }
    sum[i % D] += scores.excess[i];
    count[i % D] += 1;
  }
  for (std::size_t d = 0; d < D; ++d) EXPECT_NEAR(sum[d] / count[d], 0, 0.4) << data.columns[d];
}

TEST(Explain, parts_of_rows_with_missing_values_add_up_in_arrays_too) {
  Dataset data = testing::curve(300);
  for (std::size_t i = 0; i < 300; i += 3)
    data.values.as<float>()[3 * i] = std::numeric_limits<float>::quiet_NaN();
  FitOptions options = testing::quick();
  options.missing = true;
  const Model model = fit(data, options);
  const Scores scores = model.score_rows(data, {.explain = true});
  for (std::size_t i = 0; i < 300; ++i)
    EXPECT_NEAR(scores.why[3 * i] + scores.why[3 * i + 1] + scores.why[3 * i + 2],
                -scores.log_px[i], 1e-4)
        << i;
}

}  // namespace
}  // namespace diabolo
