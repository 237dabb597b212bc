#include <diabolo/base/error.h>
#include <diabolo/kernels/level.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace diabolo::kernels {
namespace {

TEST(Level, the_best_is_the_last_of_those_available) {
  const auto levels = available_levels();
  ASSERT_FALSE(levels.empty());
  EXPECT_EQ(choose_level(nullptr), levels.back());
  EXPECT_EQ(choose_level(""), levels.back());
}

TEST(Level, any_available_one_can_be_asked_for_by_name) {
  for (const Level level : available_levels())
    EXPECT_EQ(choose_level(std::string(name(level)).c_str()), level);
}

TEST(Level, an_unknown_name_is_refused) {
  try {
    choose_level("v5");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  }
}

TEST(Level, one_that_the_processor_lacks_is_refused) {
  const auto levels = available_levels();
  if (std::find(levels.begin(), levels.end(), Level::v4) != levels.end())
    GTEST_SKIP() << "this processor has them all";
  try {
    choose_level("v4");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
  }
}

}  // namespace
}  // namespace diabolo::kernels
