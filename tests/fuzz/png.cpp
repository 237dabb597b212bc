#include <diabolo/data/png.h>

#include <diabolo/data/picture.h>
#include <diabolo/data/source.h>

#include "harness.h"
#include "mutate.h"

namespace {

// Time is a matter of the pixels: larger pictures are only looked at.
constexpr std::int64_t kMostPixels = 1 << 18;

std::size_t use(const std::string& path) {
  using namespace diabolo;
  const std::vector<std::uint8_t> file = read_file(path, 1 << 24);
  const ImageInfo info = inspect_png(file, path);
  if (info.width * info.height > kMostPixels) return 0;
  std::size_t bytes = 0;
  for (int channels = info.channels; channels <= 3; channels += 2) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(info.width * info.height * channels));
    decode_png(file, path, info, channels, pixels.data());
    bytes = pixels.size();
    const int width = static_cast<int>(info.width), height = static_cast<int>(info.height);
    write_png({width, height, channels, pixels}, fuzz::scratch_file());
    const std::vector<std::uint8_t> again = read_file(fuzz::scratch_file(), 1 << 24);
    const ImageInfo same = inspect_png(again, path);
    fuzz::expect(same.width == width && same.height == height && same.channels == channels,
                 "a picture that was written comes back");
  }
  return bytes;
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
DIABOLO_FUZZ_MUTATOR(diabolo::fuzz::mutate_png)
