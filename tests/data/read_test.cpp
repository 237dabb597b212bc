#include <diabolo/data/read.h>

#include <limits>

#include "files.h"

namespace diabolo {
namespace {

TEST(Read, says_when_nothing_is_there) {
  expect_error(ErrorCode::io,
               "expected a file or folder at 'x.npy', got nothing there; check the path",
               [] { read("x.npy"); });
  expect_error(ErrorCode::io, "got nothing there", [] { read("no.npz:key"); });
  expect_error(ErrorCode::invalid_argument, "empty", [] { read(""); });
}

TEST(Read, goes_by_content_and_not_by_ending) {
  TempFolder folder;
  EXPECT_EQ(read(put(folder, "x.gz", bytes_of(fixture("f32.npy")))).size(), 2);
  EXPECT_EQ(read(put(folder, "x.npy", bytes_of(fixture("two.npz")))).size(), 2);
  EXPECT_EQ(read(put(folder, "x.csv", bytes_of(fixture("grey.jpg")))).size(), 1);
  EXPECT_EQ(read(put(folder, "x.npy.gz", gzipped(bytes_of(fixture("f32.npy"))))).size(), 2);
}

TEST(Read, takes_paths_with_spaces_colons_and_any_letters) {
  TempFolder folder;
  const std::string path = put(folder, "ein Bild: größe 数.npz", bytes_of(fixture("two.npz")));
  EXPECT_EQ(read(path).size(), 2);
  EXPECT_EQ(read(path + ":y").dimensions(), 1);
  expect_error(ErrorCode::invalid_argument, "an array 'a:b'", [&] { read(path + ":a:b"); });
}

TEST(Read, refuses_what_it_cannot_read_in_one_clear_line) {
  TempFolder folder;
  const auto refuse = [&](const std::string& bytes, ErrorCode code, const std::string& part) {
    const std::string path = put(folder, "x\n", bytes);
    expect_error(code, part, [&] { read(path); });
  };
  refuse("", ErrorCode::corrupt_file, "got an empty file");
  refuse(gzipped(""), ErrorCode::corrupt_file, "got an empty file");
  refuse("\x89HDF\r\n\x1a\n", ErrorCode::unsupported, "HDF5");
  refuse("\x80\x04\x95", ErrorCode::unsupported, "pickle");
  refuse(std::string("\x01\x02\x03\0", 4), ErrorCode::unsupported, "unknown content");
  expect_error(ErrorCode::io, "pipe or device", [] { read("/dev/null"); });
  expect_error(ErrorCode::invalid_argument, "leave out ':a'",
               [] { read(fixture("f32.npy") + ":a"); });
}

TEST(Read, names_row_and_column_of_what_is_not_finite) {
  TempFolder folder;
  const auto refuse = [&](const std::string& type, const std::string& data,
                          const std::string& part) {
    const std::string path = put(folder, "x.npy", npy_of(type, "(2, 3)", data));
    expect_error(ErrorCode::not_finite, part, [&] { read(path); });
    EXPECT_EQ(read(path, {.allow_not_finite = true}).size(), 2);
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  refuse("<f4", raw<float>({0, 1, 2, 3, kNan, 5}), "nan in row 1, column 1");
  refuse("<f4", raw<float>({0, 1, -kInfinity, 3, kNan, 5}), "infinity or a number beyond");
  refuse("<f4", raw<float>({0, 1, -kInfinity, 3, kNan, 5}), "in row 0, column 2");
  refuse("<f8", raw<double>({0, 1, 2, 3, 4, 1e300}), "in row 1, column 2");
}

TEST(Read, a_vector_is_rows_of_one_column) {
  TempFolder folder;
  const Dataset data = read(put(folder, "x.npy", npy_of("|u1", "(3,)", "abc")));
  EXPECT_EQ(data.values.shape(), (Shape{3, 1}));
  EXPECT_EQ(data.row_shape, (Shape{1}));
  EXPECT_FALSE(data.is_image);
}

TEST(Read, refuses_arrays_without_rows_or_columns) {
  TempFolder folder;
  for (const std::string shape : {"(0,)", "(0, 3)", "(3, 0)"}) {
    const std::string path = put(folder, "x.npy", npy_of("|u1", shape, ""));
    expect_error(ErrorCode::shape, "at least one row and one column", [&] { read(path); });
  }
  const std::string path = put(folder, "x.npy", npy_of("|u1", "()", "a"));
  expect_error(ErrorCode::shape, "single number", [&] { read(path); });
}

Dataset small() {
  Tensor array(DType::u8, {3, 2, 2});
  for (std::size_t i = 0; i < 12; ++i) array.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(i);
  return Dataset::from(std::move(array), "small");
}

TEST(Dataset, rows_and_select_copy) {
  const Dataset data = small();
  const Dataset two = data.rows(1, 2);
  EXPECT_EQ(two.values.shape(), (Shape{2, 4}));
  EXPECT_EQ(two.row_shape, data.row_shape);
  EXPECT_TRUE(two.is_image);
  EXPECT_EQ(two.values.as<std::uint8_t>()[0], 4);
  const std::vector<std::int64_t> indices{2, 0, 2};
  const Dataset chosen = data.select(indices);
  EXPECT_EQ(chosen.size(), 3);
  EXPECT_EQ(chosen.values.as<std::uint8_t>()[0], 8);
  EXPECT_EQ(chosen.values.as<std::uint8_t>()[7], 3);
  EXPECT_EQ(data.rows(3, 0).size(), 0);
}

TEST(Dataset, rows_that_are_not_there_are_refused) {
  const Dataset data = small();
  const std::vector<std::int64_t> beyond{3};
  for (const auto& [first, count] : {std::pair{0, 4}, {4, 0}, {-1, 1}, {0, -1}})
    expect_error(ErrorCode::invalid_argument, "rows among the 3",
                 [&, f = first, c = count] { data.rows(f, c); });
  expect_error(ErrorCode::invalid_argument, "row 3", [&] { data.select(beyond); });
}

TEST(Dataset, the_fingerprint_sees_type_shape_and_values_only) {
  const std::uint64_t original = small().fingerprint();
  Dataset changed = small();
  changed.name = "other";
  EXPECT_EQ(changed.fingerprint(), original);
  changed.row_shape = {4};
  EXPECT_NE(changed.fingerprint(), original);
  changed = small();
  changed.values.as<std::uint8_t>()[11] = 0;
  EXPECT_NE(changed.fingerprint(), original);
  const Dataset bytes = Dataset::from(Tensor(DType::u8, {4, 1}));
  const Dataset floats = Dataset::from(Tensor(DType::f32, {1, 1}));
  EXPECT_NE(bytes.fingerprint(), floats.fingerprint());
}

TEST(Dataset, only_picture_shapes_are_pictures) {
  const auto is_image = [](const Shape& shape) {
    return Dataset::from(Tensor(DType::u8, shape)).is_image;
  };
  EXPECT_TRUE(is_image({2, 4, 4}));
  EXPECT_TRUE(is_image({2, 4, 4, 1}));
  EXPECT_TRUE(is_image({2, 4, 4, 3}));
  EXPECT_FALSE(is_image({2, 4}));
  EXPECT_FALSE(is_image({2, 4, 4, 2}));
  EXPECT_FALSE(is_image({2, 3, 4, 4}));
}

}  // namespace
}  // namespace diabolo
