#include <diabolo/data/npz.h>
#include <diabolo/data/read.h>

#include "files.h"

namespace diabolo {
namespace {

TEST(Npz, reads_its_only_array_and_X_and_a_key) {
  EXPECT_EQ(read_npz(fixture("one.npz")).shape(), (Shape{4, 8, 8}));
  EXPECT_EQ(read_npz(fixture("two.npz")).shape(), (Shape{2, 3}));
  const Tensor labels = read_array(fixture("two.npz") + ":y");
  EXPECT_EQ(labels.as<float>()[1], 8.0f);
}

TEST(Npz, an_unknown_key_lists_the_keys_there_are) {
  expect_error(ErrorCode::invalid_argument, "got 'X', 'y'",
               [] { read(fixture("two.npz") + ":z"); });
}

TEST(Npz, no_prefix_of_a_file_is_read) {
  TempFolder folder;
  expect_no_prefix_is_read(bytes_of(fixture("one.npz")), folder.path("x.npz"),
                           [](const std::string& path) { read_npz(path); });
}

TEST(Npz, a_flipped_byte_never_crashes) {
  TempFolder folder;
  const std::string file = bytes_of(fixture("one.npz"));
  int refused = 0;
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string damaged = file;
    damaged[i] = static_cast<char>(damaged[i] ^ 0xff);
    try {
      read_npz(put(folder, "x.npz", damaged));
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(Npz, damaged_data_fail_their_checksum) {
  TempFolder folder;
  std::string file = bytes_of(fixture("two.npz"));
  const std::size_t data = file.find(std::string{0, 1, 2, 3, 4, 5});
  ASSERT_NE(data, std::string::npos);
  file[data] = 9;
  const std::string path = put(folder, "x.npz", file);
  expect_error(ErrorCode::corrupt_file, "CRC", [&] { read_npz(path); });
}

TEST(Npz, a_zip_archive_without_arrays_is_refused) {
  TempFolder folder;
  const std::string empty = std::string("PK\x05\x06") + std::string(18, '\0');
  const std::string path = put(folder, "x.npz", empty);
  expect_error(ErrorCode::unsupported, "without", [&] { read(path); });
}

}  // namespace
}  // namespace diabolo
