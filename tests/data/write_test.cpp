#include <diabolo/data/atomic_file.h>
#include <diabolo/data/csv.h>
#include <diabolo/data/png.h>
#include <diabolo/data/read.h>
#include <diabolo/data/write.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <limits>
#include <thread>

#include "files.h"

namespace diabolo {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

Tensor ramp(const Shape& shape) {
  Tensor tensor(DType::f32, shape);
  for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.size()); ++i)
    tensor.as<float>()[i] = static_cast<float>(i) / 8;
  return tensor;
}

TEST(Write, npy_has_the_shape_of_the_rows) {
  TempFolder folder;
  write(ramp({2, 6}), {2, 3}, folder.path("x.npy"));
  const Tensor back = read_array(folder.path("x.npy"));
  EXPECT_EQ(back.shape(), (Shape{2, 2, 3}));
  EXPECT_EQ(back.as<float>()[11], 11.0f / 8);
}

TEST(Write, csv_has_names_and_the_shortest_digits_that_read_back) {
  TempFolder folder;
  const std::vector<float> values{0.1f, 1, -2.5f, 1e-30f, 16777216, 3.4028235e38f};
  write(Tensor::of<float>({2, 3}, values), {3}, folder.path("x.csv"), {.column_prefix = "z"});
  EXPECT_EQ(bytes_of(folder.path("x.csv")), "z0,z1,z2\n0.1,1,-2.5\n1e-30,16777216,3.4028235e+38\n");
  Dataset data = Dataset::from(Tensor(DType::u8, {1, 2}));
  data.columns = {"a,b", "say \"c\""};
  write(data, folder.path("x.csv"));
  EXPECT_EQ(bytes_of(folder.path("x.csv")), "\"a,b\",\"say \"\"c\"\"\"\n0,0\n");
}

TEST(Write, csv_names_must_match_the_columns) {
  TempFolder folder;
  expect_error(ErrorCode::shape, "3 column names, got 1",
               [&] { write(ramp({1, 3}), {3}, folder.path("x.csv"), {.columns = {"a"}}); });
  EXPECT_TRUE(folder.names().empty());
}

TEST(Write, csv_to_a_stream_notices_a_full_disk) {
  std::FILE* full = std::fopen("/dev/full", "w");
  if (full == nullptr) GTEST_SKIP();
  expect_error(ErrorCode::io, "No space left",
               [&] { write_csv(ramp({1, 3}), numbered_columns(3), full); });
  std::fclose(full);
}

TEST(Write, png_is_a_grid_and_a_folder_has_a_picture_per_row) {
  TempFolder folder;
  const Dataset data = Dataset::from(Tensor(DType::u8, {3, 60, 60, 3}));
  write(data, folder.path("x.png"));
  EXPECT_EQ(read(folder.path("x.png")).row_shape, (Shape{126, 126, 3}));
  write(data, folder.path("pictures/"));
  EXPECT_EQ(folder.names(), (Names{"pictures", "x.png"}));
  EXPECT_EQ(read(folder.path("pictures")).fingerprint(), data.fingerprint());
  EXPECT_TRUE(fs::exists(folder.path("pictures/0002.png")));
  EXPECT_EQ(fs::status(folder.path("pictures")).type(), fs::file_type::directory);
}

TEST(Write, an_empty_folder_is_filled_and_a_full_one_refused) {
  TempFolder folder;
  fs::create_directory(folder.path("p"));
  write(ramp({2, 4}), {2, 2}, folder.path("p"));
  EXPECT_EQ(read(folder.path("p")).size(), 2);
  expect_error(ErrorCode::io, "with files in it",
               [&] { write(ramp({1, 4}), {2, 2}, folder.path("p")); });
  EXPECT_EQ(read(folder.path("p")).size(), 2);
}

TEST(Write, says_what_it_can_write) {
  TempFolder folder;
  const Tensor rows = ramp({2, 3});
  const auto refuse = [&](const std::string& name, ErrorCode code, const std::string& part) {
    expect_error(code, part, [&] { write(rows, {3}, folder.path(name)); });
  };
  refuse("x.parquet", ErrorCode::unsupported, ".parquet is not supported yet");
  refuse("x.jsonl", ErrorCode::unsupported, "not supported yet");
  refuse("x.txt", ErrorCode::unsupported, "expected a path ending in .npy, .csv, .png");
  refuse("x", ErrorCode::unsupported, "ending in");
  refuse("x.png", ErrorCode::shape, "rows of shape [3]");
  refuse("p/", ErrorCode::shape, "rows of shape [3]");
  refuse("no/x.npy", ErrorCode::io, "make the folder");
  expect_error(ErrorCode::shape, "expected rows of shape [4]",
               [&] { write(rows, {4}, folder.path("x.npy")); });
  expect_error(ErrorCode::shape, "at least one row",
               [&] { write(Tensor(DType::f32, {0, 3}), {3}, folder.path("x.npy")); });
  expect_error(ErrorCode::invalid_argument, "empty", [&] { write(rows, {3}, ""); });
  EXPECT_TRUE(folder.names().empty());
}

TEST(Write, a_folder_without_permission_is_refused) {
  if (::geteuid() == 0) GTEST_SKIP() << "permissions do not bind root";
  TempFolder folder;
  ::chmod(folder.path().c_str(), 0500);
  expect_error(ErrorCode::io, "may write", [&] { write(ramp({1, 3}), {3}, folder.path("x.npy")); });
  ::chmod(folder.path().c_str(), 0700);
}

// The disk fills up at every possible byte: the old file stays, and nothing else is left.
TEST(Write, a_full_disk_leaves_everything_as_it_was) {
  const auto try_all = [](const std::string& name, const Shape& row_shape) {
    TempFolder folder;
    const bool is_folder = name.ends_with('/');
    if (!is_folder) put(folder, name, "old");
    bool done = false;
    std::int64_t room = 0;
    for (; !done && room < 5000; ++room) {
      const SimulatedFullDisk disk(room);
      try {
        write(ramp({3, row_shape.size()}), row_shape, folder.path(name));
        done = true;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::io);
        ASSERT_EQ(folder.names(), is_folder ? Names{} : Names{name});
        if (!is_folder) {
          ASSERT_EQ(bytes_of(folder.path(name)), "old");
        }
      }
    }
    EXPECT_TRUE(done);
    EXPECT_GT(room, 20);
    EXPECT_EQ(folder.names().size(), 1u);
  };
  try_all("x.npy", {4});
  try_all("x.csv", {4});
  try_all("x.png", {2, 2});
  try_all("pictures/", {2, 2});
}

TEST(Write, large_files_are_whole) {
  TempFolder folder;
  write(ramp({50000, 3}), {3}, folder.path("x.npy"));
  const Tensor back = read_array(folder.path("x.npy"));
  EXPECT_EQ(back.as<float>()[149999], 149999.0f / 8);
}

TEST(AtomicFile, is_not_there_before_it_is_committed) {
  TempFolder folder;
  {
    AtomicFile file(folder.path("x"));
    file.write("new");
    EXPECT_FALSE(fs::exists(folder.path("x")));
  }
  EXPECT_TRUE(folder.names().empty());
  AtomicFile file(folder.path("x"));
  file.write("new");
  file.commit();
  EXPECT_EQ(folder.names(), Names{"x"});
  EXPECT_EQ(bytes_of(folder.path("x")), "new");
}

// As a fit does with what processes that were killed have left.
TEST(AtomicFile, cannot_be_taken_for_a_left_over) {
  TempFolder folder;
  std::atomic<bool> is_over = false;
  std::jthread sweeper([&] {
    std::error_code ignored;
    while (!is_over)
      for (const auto& entry : fs::directory_iterator(folder.path(), ignored)) {
        if (!entry.path().filename().string().starts_with(".")) continue;
        const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
        if (file >= 0 && ::flock(file, LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
        if (file >= 0) ::close(file);
      }
  });
  for (int i = 0; i < 3000; ++i) {
    AtomicFile file(folder.path("x"));
    file.write("text");
    EXPECT_NO_THROW(file.commit(false)) << i;
  }
  is_over = true;
}

TEST(AtomicFile, follows_a_link_and_keeps_the_mode) {
  TempFolder folder;
  put(folder, "target", "old");
  ::chmod(folder.path("target").c_str(), 0600);
  fs::create_symlink("target", folder.path("link"));
  AtomicFile file(folder.path("link"));
  file.write("new");
  file.commit();
  EXPECT_TRUE(fs::is_symlink(folder.path("link")));
  EXPECT_EQ(bytes_of(folder.path("target")), "new");
  struct stat info{};
  ASSERT_EQ(::stat(folder.path("target").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(AtomicFile, refuses_a_folder_or_device_as_target) {
  TempFolder folder;
  expect_error(ErrorCode::io, "got a folder", [&] { AtomicFile file(folder.path()); });
  expect_error(ErrorCode::io, "pipe or device", [] { AtomicFile file("/dev/null"); });
}

}  // namespace
}  // namespace diabolo
