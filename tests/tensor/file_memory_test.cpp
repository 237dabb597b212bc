// Arrays larger than a share of the memory: they lie in a file that leaves nothing behind.
#include <diabolo/tensor/tensor.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

namespace diabolo {
namespace {

/// Arrays above `bytes` go to files in a folder of their own.
class FileMemoryTest : public ::testing::Test {
 protected:
  FileMemoryTest() : folder_(std::filesystem::temp_directory_path() / "diabolo-file-memory-test") {
    std::filesystem::create_directories(folder_);
    ::setenv("TMPDIR", folder_.c_str(), 1);
    set_file_memory_from(1000);
  }
  ~FileMemoryTest() override {
    set_file_memory_from(0);
    ::unsetenv("TMPDIR");
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path folder_;
};

TEST_F(FileMemoryTest, holds_zeros_and_then_what_is_written) {
  Tensor large(DType::f32, {100, 7}), small(DType::f32, {10, 7});
  EXPECT_TRUE(large.is_in_file());
  EXPECT_FALSE(small.is_in_file());
  const auto x = large.as<float>();
  EXPECT_TRUE(std::all_of(x.begin(), x.end(), [](float v) { return v == 0; }));
  std::iota(x.begin(), x.end(), 0.0f);
  const Tensor moved = std::move(large);
  EXPECT_EQ(moved.as<float>()[699], 699);
  EXPECT_TRUE(moved.is_in_file());
  const Tensor copy = moved.clone();
  EXPECT_TRUE(std::ranges::equal(copy.as<float>(), moved.as<float>()));
}

TEST_F(FileMemoryTest, arrays_grow_from_memory_into_a_file_and_keep_their_rows) {
  Tensor rows(DType::f32, {0, 5});
  for (std::int64_t n = 1; n <= 2000; ++n) {
    rows.resize_rows(n);
    for (std::int64_t d = 0; d < 5; ++d)
      rows.as<float>()[static_cast<std::size_t>(5 * (n - 1) + d)] = static_cast<float>(5 * n + d);
    ASSERT_TRUE((n > 30 || !rows.is_in_file()) && (n <= 60 || rows.is_in_file())) << n;
  }
  EXPECT_EQ(rows.shape(), Shape({2000, 5}));
  for (std::size_t i = 0; i < 10000; ++i) ASSERT_EQ(rows.as<float>()[i], static_cast<float>(i + 5));
  rows.resize_rows(3);
  EXPECT_EQ(rows.size(), 15);
  EXPECT_EQ(rows.as<float>()[14], 19);
}

TEST_F(FileMemoryTest, leaves_nothing_in_the_folder_while_or_after) {
  {
    const Tensor large(DType::f32, {1000});
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(FileMemoryTest, without_room_or_folder_is_an_error_that_says_what_to_do) {
  ::setenv("TMPDIR", (folder_ / "none").c_str(), 1);
  try {
    const Tensor large(DType::f32, {1000});
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::out_of_memory);
    EXPECT_NE(error.message().find("set TMPDIR"), std::string::npos) << error.message();
  }
  ::setenv("TMPDIR", folder_.c_str(), 1);
  EXPECT_THROW(Tensor(DType::u8, {std::int64_t{1} << 50}), Error) << "no disk has a petabyte";
}

TEST(FileMemory, is_for_arrays_of_more_than_a_share_of_the_memory) {
  EXPECT_GT(file_memory_from(), std::size_t{1} << 26);
  EXPECT_FALSE(Tensor(DType::f32, {1000}).is_in_file());
}

}  // namespace
}  // namespace diabolo
