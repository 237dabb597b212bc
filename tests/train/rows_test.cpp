// What a look at values finds, and how rows are refused.
#include <diabolo/base/error.h>
#include <diabolo/train/rows.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tiny_fit.h"

namespace diabolo {
namespace {

Tensor floats(std::int64_t count, float value) {
  Tensor x(DType::f32, {count, 1});
  for (float& v : x.as<float>()) v = value;
  return x;
}

TEST(rows, a_look_sees_each_value_wherever_it_lies) {
  ThreadPool two(2);
  for (const std::int64_t count : {1, 31, 32, 33, 4095, 4097, 65537, 200000})
    for (const std::int64_t at : {std::int64_t{0}, count / 2, count - 1})
      for (ThreadPool* pool : {static_cast<ThreadPool*>(nullptr), &two}) {
        Tensor x = floats(count, 1);
        const auto i = static_cast<std::size_t>(at);
        ValueLook look = look_at(x, 1, pool);
        EXPECT_TRUE(look.finite && look.zero_one && look.least == 1 && look.most == 1);
        x.as<float>()[i] = -2.5f;
        look = look_at(x, 1, pool);
        EXPECT_TRUE(look.finite && !look.zero_one && look.least == -2.5) << count << " " << at;
        x.as<float>()[i] = 7;
        look = look_at(x, 1, pool);
        EXPECT_TRUE(look.finite && !look.zero_one && look.most == 7) << count << " " << at;
        for (const float odd : {NAN, INFINITY, -INFINITY}) {
          x.as<float>()[i] = odd;
          EXPECT_FALSE(look_at(x, 1, pool).finite) << count << " " << at;
        }
      }
}

TEST(rows, a_look_at_bytes_knows_what_one_is) {
  Tensor x(DType::u8, {5000, 1});
  EXPECT_TRUE(look_at(x, 255).zero_one);
  x.as<std::uint8_t>()[4999] = 255;
  EXPECT_TRUE(look_at(x, 255).zero_one);
  EXPECT_FALSE(look_at(x, 1).zero_one);
  for (const double other : {255.5, 256.0, -1.0, 1000.0, 1e30})
    EXPECT_FALSE(look_at(x, other).zero_one);
  EXPECT_EQ(look_at(x, 1).most, 255);
}

TEST(rows, the_first_value_out_of_range_is_named_with_several_threads_too) {
  ThreadPool two(2);
  Tensor x = floats(200000, 0.5f);
  x.as<float>()[150001] = 3;
  x.as<float>()[70002] = 2;
  const Dataset data = Dataset::from(std::move(x).reshaped({100000, 2}), "grey");
  const ValueLook look = look_at(data.values, 1, &two);
  try {
    check_range(data, look, Transform(), {0, 1}, "bernoulli");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("got 2 in row 35001, column 0 (from 0) of grey"),
              std::string::npos)
        << error.what();
  }
  check_range(data, look, Transform(), {0, 3}, "anything");
}

}  // namespace
}  // namespace diabolo
