#include <diabolo/data/image.h>
#include <diabolo/data/png.h>
#include <diabolo/data/read.h>

#include <cstdlib>

#include "files.h"

namespace diabolo {
namespace {

std::string png_of(int width, int height, int channels, std::uint8_t first = 0,
                   PngSearch search = PngSearch::thorough) {
  Picture picture{width, height, channels, {}};
  for (int i = 0; i < width * height * channels; ++i)
    picture.pixels.push_back(static_cast<std::uint8_t>(first + i));
  const auto bytes = encode_png(picture, search);
  return {bytes.begin(), bytes.end()};
}

void copy_fixture(const TempFolder& folder, const std::string& name) {
  put(folder, name, bytes_of(fixture(name)));
}

void expect_pixels_near(const Tensor& image, std::vector<int> colour, int tolerance) {
  const auto pixels = image.as<std::uint8_t>();
  for (std::size_t i = 0; i < pixels.size(); ++i)
    ASSERT_LE(std::abs(pixels[i] - colour[i % colour.size()]), tolerance) << i;
}

TEST(Image, a_png_comes_back_as_it_was_written) {
  TempFolder folder;
  for (const int channels : {1, 3}) {
    for (const PngSearch search : {PngSearch::thorough, PngSearch::quick}) {
      const Tensor image = read_image(put(folder, "x.png", png_of(5, 4, channels, 0, search)));
      EXPECT_EQ(image.shape(), channels == 3 ? (Shape{1, 4, 5, 3}) : (Shape{1, 4, 5}));
      for (std::size_t i = 0; i < static_cast<std::size_t>(image.size()); ++i)
        EXPECT_EQ(image.as<std::uint8_t>()[i], i);
    }
  }
}

TEST(Image, an_interlaced_png_is_read) {
  const Tensor image = read_image(fixture("interlaced.png"));
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(image.as<std::uint8_t>()[i], i);
}

TEST(Image, sixteen_bits_are_reduced_and_palettes_expanded) {
  EXPECT_EQ(read_image(fixture("grey16.png")).shape(), (Shape{1, 8, 8}));
  expect_pixels_near(read_image(fixture("grey16.png")), {100}, 0);
  EXPECT_EQ(read_image(fixture("palette.png")).shape(), (Shape{1, 8, 8, 3}));
  expect_pixels_near(read_image(fixture("palette.png")), {200, 100, 50}, 4);
}

TEST(Image, transparency_is_dropped_with_a_warning) {
  for (const std::string name : {"alpha.png", "palette.png"}) {
    Warnings warnings;
    const Tensor image = read_image(fixture(name));
    EXPECT_EQ(image.shape(), (Shape{1, 8, 8, 3}));
    ASSERT_EQ(warnings.texts.size(), 1u);
    EXPECT_NE(warnings.texts[0].find("transparency"), std::string::npos);
  }
  expect_pixels_near(read_image(fixture("alpha.png")), {200, 100, 50}, 0);
}

TEST(Image, jpeg_is_read_in_grey_in_colour_and_progressive) {
  EXPECT_EQ(read_image(fixture("grey.jpg")).shape(), (Shape{1, 8, 8}));
  expect_pixels_near(read_image(fixture("grey.jpg")), {100}, 2);
  for (const std::string name : {"colour.jpg", "progressive.jpg"}) {
    EXPECT_EQ(read_image(fixture(name)).shape(), (Shape{1, 8, 8, 3}));
    expect_pixels_near(read_image(fixture(name)), {200, 100, 50}, 3);
  }
  expect_error(ErrorCode::unsupported, "CMYK", [] { read_image(fixture("cmyk.jpg")); });
}

TEST(Image, no_prefix_of_a_file_is_read) {
  TempFolder folder;
  for (const std::string name :
       {"grey.jpg", "progressive.jpg", "interlaced.png", "palette.png", "grey16.png"})
    expect_no_prefix_is_read(bytes_of(fixture(name)), folder.path("x"),
                             [](const std::string& path) { read(path); });
}

TEST(Image, a_flipped_byte_never_crashes) {
  TempFolder folder;
  for (const std::string name : {"colour.jpg", "progressive.jpg", "interlaced.png"}) {
    const std::string file = bytes_of(fixture(name));
    for (std::size_t i = 0; i < file.size(); ++i) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
      try {
        read(put(folder, "x", damaged));
      } catch (const Error&) {
      }
    }
  }
}

// The size stands in bytes 16 to 23 of a PNG, with a checksum over the chunk behind it.
std::string png_that_claims(std::uint32_t width, std::uint32_t height) {
  std::string file = png_of(4, 4, 1);
  const auto put_u32 = [&](std::size_t at, std::uint32_t n) {
    for (std::size_t i = 0; i < 4; ++i) file[at + i] = static_cast<char>(n >> (24 - 8 * i) & 255);
  };
  put_u32(16, width);
  put_u32(20, height);
  put_u32(29, static_cast<std::uint32_t>(
                  crc32(0, reinterpret_cast<const Bytef*>(file.data()) + 12, 17)));
  return file;
}

TEST(Image, a_huge_size_is_refused_before_memory_is_taken) {
  TempFolder folder;
  const auto refuse = [&](const std::string& file, ErrorCode code, const std::string& part) {
    const std::string path = put(folder, "x.png", file);
    expect_error(code, part, [&] { read(path); });
    expect_error(code, part, [&] { read(folder.path()); });
  };
  refuse(png_that_claims(65536, 32768), ErrorCode::unsupported, "at most 67108864 pixels");
  refuse(png_that_claims(0x7fffffff, 1), ErrorCode::corrupt_file, "IHDR");
  refuse(png_that_claims(8000, 8000), ErrorCode::corrupt_file, "fewer data");
}

TEST(ImageFolder, is_sorted_by_name_and_ignores_hidden_files) {
  TempFolder folder;
  put(folder, "b.png", png_of(2, 3, 1, 50));
  put(folder, "a 10 é.png", png_of(2, 3, 1, 100));
  put(folder, "A.png", png_of(2, 3, 1, 150));
  put(folder, ".hidden", "x");
  Warnings warnings;
  const Dataset data = read(folder.path());
  EXPECT_EQ(data.values.shape(), (Shape{3, 6}));
  EXPECT_EQ(data.row_shape, (Shape{3, 2}));
  EXPECT_TRUE(data.is_image);
  EXPECT_EQ(data.values.as<std::uint8_t>()[0], 150);
  EXPECT_EQ(data.values.as<std::uint8_t>()[6], 100);
  EXPECT_EQ(data.values.as<std::uint8_t>()[12], 50);
  EXPECT_TRUE(warnings.texts.empty());
}

TEST(ImageFolder, grey_among_colour_becomes_colour) {
  TempFolder folder;
  copy_fixture(folder, "grey.jpg");
  copy_fixture(folder, "interlaced.png");
  put(folder, "z.png", png_of(8, 8, 3));
  const Dataset data = read(folder.path());
  EXPECT_EQ(data.row_shape, (Shape{8, 8, 3}));
  const auto pixels = data.values.as<std::uint8_t>();
  for (const std::size_t row : {0u, 1u})
    for (std::size_t i = 0; i < 192; i += 3) {
      EXPECT_EQ(pixels[row * 192 + i], pixels[row * 192 + i + 1]);
      EXPECT_EQ(pixels[row * 192 + i], pixels[row * 192 + i + 2]);
    }
  EXPECT_EQ(pixels[192 + 30], 10);
  EXPECT_EQ(pixels[2 * 192 + 10], 10);
}

TEST(ImageFolder, different_sizes_are_refused_naming_both) {
  TempFolder folder;
  put(folder, "a.png", png_of(2, 3, 1));
  put(folder, "b.png", png_of(2, 3, 1));
  put(folder, "c.png", png_of(3, 3, 1));
  expect_error(ErrorCode::shape, "a.png' and 3 x 3 in '" + folder.path("c.png"),
               [&] { read(folder.path()); });
}

TEST(ImageFolder, other_files_are_skipped_and_named) {
  TempFolder folder;
  put(folder, "a.png", png_of(2, 3, 1));
  put(folder, "labels.csv", "1,2");
  std::filesystem::create_directory(folder.path("more"));
  Warnings warnings;
  EXPECT_EQ(read(folder.path()).size(), 1);
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_NE(warnings.texts[0].find("'labels.csv', 'more'"), std::string::npos);
}

TEST(ImageFolder, a_damaged_picture_is_refused_by_name) {
  TempFolder folder;
  put(folder, "a.png", png_of(2, 3, 1));
  put(folder, "b.png", png_of(2, 3, 1).substr(0, 60));
  expect_error(ErrorCode::corrupt_file, "b.png", [&] { read(folder.path()); });
  put(folder, "b.png", "no picture");
  expect_error(ErrorCode::corrupt_file, "b.png", [&] { read(folder.path()); });
  put(folder, "b.png", "");
  expect_error(ErrorCode::corrupt_file, "b.png", [&] { read(folder.path()); });
}

TEST(ImageFolder, one_without_pictures_is_refused) {
  TempFolder folder;
  expect_error(ErrorCode::invalid_argument, "got an empty one", [&] { read(folder.path()); });
  put(folder, "notes.txt", "x");
  expect_error(ErrorCode::invalid_argument, "notes.txt", [&] { read(folder.path()); });
}

TEST(Image, links_to_pictures_are_followed) {
  TempFolder folder, elsewhere;
  put(elsewhere, "far.png", png_of(2, 3, 1, 7));
  std::filesystem::create_directory(elsewhere.path("more"));
  std::filesystem::create_symlink(elsewhere.path("far.png"), folder.path("a.png"));
  std::filesystem::create_directory_symlink(elsewhere.path("more"), folder.path("more"));
  Warnings warnings;
  EXPECT_EQ(read_image_folder(folder.path()).shape(), (Shape{1, 3, 2}));
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_NE(warnings.texts[0].find("'more'"), std::string::npos) << warnings.texts[0];

  std::filesystem::create_symlink(elsewhere.path("none.png"), folder.path("b.png"));
  expect_error(ErrorCode::io, "b.png', got a link to nothing",
               [&] { read_image_folder(folder.path()); });
}

TEST(Image, names_of_any_bytes_give_one_line_of_text) {
  TempFolder folder;
  put(folder, "a\nb\xff\x1b.png", "no picture");
  expect_error(ErrorCode::corrupt_file, "/a?b??.png', got other content",
               [&] { read_image_folder(folder.path()); });
}

/// A chunk of a PNG with its checksum.
std::string chunk(const std::string& kind, const std::string& data) {
  const auto big_endian = [](std::size_t n) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(n >> shift & 255);
    return bytes;
  };
  const std::string body = kind + data;
  const auto sum =
      ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(data.size()) + body + big_endian(sum);
}

TEST(Image, texts_in_a_png_are_not_unpacked) {
  std::string packed(100'000, '\0');
  uLongf size = packed.size();
  const std::string text(7'900'000, ' ');
  ASSERT_EQ(::compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                       reinterpret_cast<const Bytef*>(text.data()), text.size()),
            Z_OK);
  packed.resize(size);
  std::string file = png_of(2, 3, 1);
  constexpr std::size_t kHeader = 33;  // the magic bytes and IHDR
  for (int i = 0; i < 30; ++i)
    file.insert(kHeader, chunk("zTXt", fmt::format("a{}", i) + std::string(2, '\0') + packed));
  TempFolder folder;
  const std::string path = put(folder, "x.png", file);
  const auto before = peak_kibibytes();
  EXPECT_EQ(read_image(path).shape(), (Shape{1, 3, 2}));
  EXPECT_LT(peak_kibibytes() - before, 64 * 1024);
}

TEST(Image, a_jpeg_that_is_too_short_for_its_size_takes_no_memory) {
  TempFolder folder;
  std::string file = bytes_of(fixture("progressive.jpg"));
  const std::size_t frame = file.find("\xff\xc2");
  ASSERT_NE(frame, std::string::npos);
  file.replace(frame + 5, 4, std::string("\x20\0\x20\0", 4));  // 8192 x 8192
  expect_error(ErrorCode::corrupt_file, "fewer data than its size needs",
               [&] { read_image(put(folder, "x.jpg", file)); });
}

}  // namespace
}  // namespace diabolo
