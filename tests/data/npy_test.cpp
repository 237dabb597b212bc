#include <diabolo/base/random.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/read.h>

#include <algorithm>
#include <limits>

#include "files.h"

namespace diabolo {
namespace {

std::vector<float> floats(const Tensor& tensor) {
  const auto values = tensor.as<float>();
  return {values.begin(), values.end()};
}

const std::vector<float> kZeroToFive{0, 1, 2, 3, 4, 5};

TEST(Npy, writes_the_bytes_that_numpy_writes) {
  TempFolder folder;
  const Tensor tensor = Tensor::of<float>({2, 3}, kZeroToFive);
  write_npy(tensor, {2, 3}, folder.path("x.npy"));
  EXPECT_EQ(bytes_of(folder.path("x.npy")), bytes_of(fixture("f32.npy")));
}

TEST(Npy, reads_column_major_doubles) {
  const Tensor tensor = read_npy(fixture("fortran_f64.npy"));
  EXPECT_EQ(tensor.shape(), (Shape{2, 3}));
  EXPECT_EQ(floats(tensor), kZeroToFive);
}

TEST(Npy, reads_three_dimensions_column_major) {
  TempFolder folder;
  std::string data;
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) data += static_cast<char>(100 * i + 10 * j + k);
  const Tensor tensor = read_npy(put(
      folder, "x.npy", npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }", data)));
  ASSERT_EQ(tensor.dtype(), DType::u8);
  const auto values = tensor.as<std::uint8_t>();
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 2; ++k)
        EXPECT_EQ(values[(i * 3 + j) * 2 + k], 100 * i + 10 * j + k);
}

TEST(Npy, reads_column_major_numbers_of_a_file_that_is_far_smaller_than_they_are) {
  TempFolder folder;
  for (const std::string type : {"|u1", "<f4"}) {
    constexpr std::size_t kRows = 3000, kColumns = 7;
    std::string data;
    for (std::size_t i = 0; i < kRows * kColumns; ++i)
      data += type == "|u1" ? std::string(1, static_cast<char>(i / kRows))
                            : raw({static_cast<float>(i / kRows)});
    const Dataset back = read(
        put(folder, "x.npy.gz",
            gzipped(npy("{'descr': '" + type + "', 'fortran_order': True, 'shape': (3000, 7), }",
                        data))));
    for (std::size_t i = 0; i < kRows * kColumns; ++i)
      ASSERT_EQ(back.values.number(i), static_cast<double>(i % kColumns)) << type;
  }
}

// A thousand million numbers are claimed, a million bytes are there.
TEST(Npy, a_file_that_is_cut_takes_no_more_memory_than_what_is_there) {
#ifdef DIABOLO_SANITIZED
  GTEST_SKIP() << "a sanitizer keeps a book of what is never written to, too";
#endif
  TempFolder folder;
  RandomStream random({.seed = 1});
  std::string data;
  for (int i = 0; i < 1'000'000; ++i) data += static_cast<char>(random.below(256));
  const long before = peak_kibibytes();
  for (const std::string type : {"|u1", "|b1", "<f4", ">f8"})
    for (const std::string order : {"False", "True"}) {
      const std::string rows = type[2] == '1' ? "1000000" : type[2] == '4' ? "250000" : "125000";
      const std::string path =
          put(folder, "x.npy.gz",
              gzipped(npy("{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': (" +
                              rows + ", 1000), }",
                          data)));
      expect_error(ErrorCode::corrupt_file, "the file is cut short", [&] { read(path); });
      EXPECT_LT(peak_kibibytes() - before, 64 * 1024 + 10 * 1000) << type << order;
    }
}

TEST(Npy, reads_every_number_type_in_both_byte_orders) {
  TempFolder folder;
  const auto check_type = [&](const std::string& type, std::string data,
                              std::vector<float> wanted) {
    const std::size_t width = data.size() / wanted.size();
    const std::string shape = fmt::format("({},)", wanted.size());
    EXPECT_EQ(floats(read_npy(put(folder, "x.npy", npy_of("<" + type, shape, data)))), wanted)
        << type;
    for (std::size_t i = 0; i < data.size(); i += width)
      std::reverse(data.begin() + static_cast<std::ptrdiff_t>(i),
                   data.begin() + static_cast<std::ptrdiff_t>(i + width));
    EXPECT_EQ(floats(read_npy(put(folder, "x.npy", npy_of(">" + type, shape, data)))), wanted)
        << type;
  };
  check_type("i1", raw<std::int8_t>({-128, 5}), {-128, 5});
  check_type("i2", raw<std::int16_t>({-3000, 5}), {-3000, 5});
  check_type("i4", raw<std::int32_t>({-70000, 5}), {-70000, 5});
  check_type("i8", raw<std::int64_t>({-70000, 5}), {-70000, 5});
  check_type("u2", raw<std::uint16_t>({65535, 5}), {65535, 5});
  check_type("u4", raw<std::uint32_t>({70000, 5}), {70000, 5});
  check_type("u8", raw<std::uint64_t>({70000, 5}), {70000, 5});
  check_type("f4", raw<float>({-1.5f, 5}), {-1.5f, 5});
  check_type("f8", raw<double>({-1.5, 5}), {-1.5f, 5});
  // 1.5, -2, the largest half, the smallest, infinity
  check_type("f2", raw<std::uint16_t>({0x3e00, 0xc000, 0x7bff, 0x0001, 0x7c00}),
             {1.5f, -2, 65504, 0x1p-24f, std::numeric_limits<float>::infinity()});
}

TEST(Npy, truth_values_become_floats_and_bytes_stay_bytes) {
  TempFolder folder;
  const std::string data{1, 0, 1};
  EXPECT_EQ(floats(read_npy(put(folder, "x.npy", npy_of("|b1", "(3,)", data)))),
            (std::vector<float>{1, 0, 1}));
  EXPECT_EQ(read_npy(put(folder, "x.npy", npy_of("|u1", "(3,)", data))).dtype(), DType::u8);
}

TEST(Npy, warns_when_integers_are_rounded) {
  TempFolder folder;
  Warnings warnings;
  read_npy(put(folder, "x.npy", npy_of("<i8", "(2,)", raw<std::int64_t>({-16777216, 16777216}))));
  EXPECT_TRUE(warnings.texts.empty());
  read_npy(put(folder, "x.npy", npy_of("<i8", "(1,)", raw<std::int64_t>({16777217}))));
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_NE(warnings.texts[0].find("x.npy"), std::string::npos);
}

TEST(Npy, reads_headers_of_version_2_and_3) {
  TempFolder folder;
  for (const char version : {'\2', '\3'}) {
    const std::string header = "{'shape': (1,), 'fortran_order': False, 'descr': '|u1'}\n";
    std::string file = "\x93NUMPY";
    file += version;
    file += '\0';
    file += static_cast<char>(header.size());
    file += std::string(3, '\0') + header + "a";
    EXPECT_EQ(read_npy(put(folder, "x.npy", file)).size(), 1);
  }
}

TEST(Npy, refuses_objects_records_texts_and_complex_numbers) {
  TempFolder folder;
  const auto refuse = [](const std::string& part, const std::string& path) {
    expect_error(ErrorCode::unsupported, part, [&] { read_npy(path); });
  };
  refuse("Python objects", fixture("objects.npy"));
  refuse("structured type", fixture("records.npy"));
  refuse("texts", put(folder, "x.npy", npy_of("<U3", "(1,)", "")));
  refuse("complex", put(folder, "x.npy", npy_of("<c8", "(1,)", "12345678")));
  refuse("unknown type", put(folder, "x.npy", npy_of("<f16", "(1,)", std::string(16, ' '))));
  refuse("unknown type", put(folder, "x.npy", npy_of("", "(1,)", "")));
}

TEST(Npy, refuses_a_header_that_lies_about_the_length) {
  TempFolder folder;
  const auto refuse = [&](const std::string& shape, const std::string& part) {
    const std::string path = put(folder, "x.npy", npy_of("<f4", shape, std::string(24, '\0')));
    expect_error(ErrorCode::corrupt_file, part, [&] { read_npy(path); });
  };
  refuse("(7,)", "expected 28 bytes");
  refuse("(5,)", "got more bytes");
  refuse("(1000000, 1000000)", "too short");
  refuse("(4611686018427387904, 4611686018427387904, 16)", "too short");
  refuse("(-1, 3)", "header");
  refuse("(99999999999999999999,)", "header");
}

TEST(Npy, refuses_malformed_headers) {
  TempFolder folder;
  for (const std::string header :
       {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1}", "{'descr': '<f4",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} import os",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", "\n\n", "((((((("}) {
    const std::string path = put(folder, "x.npy", npy(header, "abcd"));
    expect_error(ErrorCode::corrupt_file, "expected a header", [&] { read_npy(path); });
  }
  std::string wrong = npy_of("|u1", "(1,)", "a");
  wrong[6] = 9;
  expect_error(ErrorCode::unsupported, "version", [&] { read_npy(put(folder, "x.npy", wrong)); });
}

TEST(Npy, no_prefix_of_a_file_is_read) {
  TempFolder folder;
  for (const std::string name : {"f32.npy", "fortran_f64.npy"})
    expect_no_prefix_is_read(bytes_of(fixture(name)), folder.path("x.npy"),
                             [](const std::string& path) { read_npy(path); });
}

TEST(Npy, more_than_six_dimensions_are_refused) {
  TempFolder folder;
  const std::string path = put(folder, "x.npy", npy_of("|u1", "(1, 1, 1, 1, 1, 1, 1)", "a"));
  expect_error(ErrorCode::shape, "at most 6", [&] { read_npy(path); });
}

TEST(Npy, an_empty_array_of_dimensions_that_overflow_is_refused) {
  TempFolder folder;
  const std::string huge = "(0, 4611686018427387904, 4611686018427387904)";
  expect_error(ErrorCode::corrupt_file, "a file too short",
               [&] { read_npy(put(folder, "x.npy", npy_of("<f4", huge, ""))); });
  EXPECT_EQ(read_npy(put(folder, "y.npy", npy_of("<f4", "(0, 3)", ""))).shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace diabolo
