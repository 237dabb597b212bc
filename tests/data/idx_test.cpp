#include <diabolo/data/gzip.h>
#include <diabolo/data/idx.h>
#include <diabolo/data/read.h>

#include "files.h"

namespace diabolo {
namespace {

std::string header(int type, std::initializer_list<std::uint32_t> dims) {
  std::string text{0, 0, static_cast<char>(type), static_cast<char>(dims.size())};
  for (const std::uint32_t n : dims)
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(n >> shift & 255);
  return text;
}

const std::string kSmall = header(8, {2, 2, 3}) + "abcdefghijkl";

TEST(Idx, reads_bytes_with_their_shape) {
  TempFolder folder;
  const Dataset data = read(put(folder, "x", kSmall));
  EXPECT_EQ(data.values.shape(), (Shape{2, 6}));
  EXPECT_EQ(data.row_shape, (Shape{2, 3}));
  EXPECT_TRUE(data.is_image);
  EXPECT_EQ(data.values.as<std::uint8_t>()[6], 'g');
}

TEST(Idx, reads_every_element_type) {
  TempFolder folder;
  const auto value = [&](int type, const std::string& bytes) {
    return read_array(put(folder, "x", header(type, {1}) + bytes)).as<float>()[0];
  };
  EXPECT_EQ(value(0x09, "\xff"), -1.0f);
  EXPECT_EQ(value(0x0B, "\xff\xfe"), -2.0f);
  EXPECT_EQ(value(0x0C, "\xff\xff\xff\xfd"), -3.0f);
  EXPECT_EQ(value(0x0D, std::string("\x3f\xc0\0\0", 4)), 1.5f);
  EXPECT_EQ(value(0x0E, std::string("\x3f\xf8\0\0\0\0\0\0", 8)), 1.5f);
}

TEST(Idx, reads_the_same_out_of_gzip) {
  TempFolder folder;
  EXPECT_EQ(read(put(folder, "x.gz", gzipped(kSmall))).fingerprint(),
            read(put(folder, "x", kSmall)).fingerprint());
}

TEST(Idx, several_gzip_members_are_one_stream) {
  TempFolder folder;
  const std::string path =
      put(folder, "x.gz", gzipped(kSmall.substr(0, 9)) + gzipped(kSmall.substr(9)));
  EXPECT_EQ(read(path).size(), 2);
}

TEST(Idx, a_length_that_is_not_the_headers_is_refused) {
  TempFolder folder;
  const auto refuse = [&](const std::string& file, const std::string& part) {
    for (const std::string& bytes : {file, gzipped(file)}) {
      const std::string path = put(folder, "x", bytes);
      expect_error(ErrorCode::corrupt_file, part, [&] { read(path); });
    }
  };
  refuse(kSmall.substr(0, kSmall.size() - 1), "expected 12 bytes");
  refuse(kSmall + "x", "got more bytes");
  refuse(header(8, {0xffffffff, 0xffffffff, 0xffffffff}) + "abc", "too short");
  refuse(header(8, {0x7fffffff, 28, 28}) + "abc", "too short");
}

TEST(Idx, a_wrong_magic_number_is_refused) {
  TempFolder folder;
  for (const std::string& magic : {std::string{0, 0, 7, 1}, std::string{0, 0, 8, 0},
                                   std::string{0, 0, 8, 7}, std::string{0, 1, 8, 1}}) {
    const std::string path = put(folder, "x", magic + std::string(60, 'a'));
    expect_error(ErrorCode::unsupported, "unknown content", [&] { read(path); });
    expect_error(ErrorCode::corrupt_file, "expected an IDX header",
                 [&] { read_idx(*open_file(path)); });
  }
}

TEST(Idx, no_prefix_of_a_file_is_read) {
  TempFolder folder;
  for (const std::string& file : {kSmall, gzipped(kSmall)})
    expect_no_prefix_is_read(file, folder.path("x"), [](const std::string& path) { read(path); });
}

TEST(Gzip, damage_and_garbage_behind_are_refused) {
  TempFolder folder;
  const std::string file = gzipped(kSmall);
  const auto refuse = [&](const std::string& bytes, const std::string& part) {
    const std::string path = put(folder, "x.gz", bytes);
    expect_error(ErrorCode::corrupt_file, part, [&] { read(path); });
  };
  std::string checksum = file, length = file;
  checksum[file.size() - 8] = static_cast<char>(checksum[file.size() - 8] ^ 1);
  length[file.size() - 1] = 1;
  refuse(checksum, "incorrect data check");
  refuse(length, "incorrect length check");
  refuse(file + "garbage", "other bytes after its end");
  refuse(file + file, "got more bytes");
}

TEST(Gzip, a_flipped_byte_never_crashes) {
  TempFolder folder;
  const std::string file = gzipped(kSmall);
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string damaged = file;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    try {
      read(put(folder, "x.gz", damaged));
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace diabolo
