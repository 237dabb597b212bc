#include <diabolo/data/jpeg.h>

#include <diabolo/data/picture.h>
#include <diabolo/data/source.h>

#include "harness.h"

namespace {

// Time is a matter of the pixels: larger pictures are only looked at.
constexpr std::int64_t kMostPixels = 1 << 18;

std::size_t use(const std::string& path) {
  using namespace diabolo;
  const std::vector<std::uint8_t> file = read_file(path, 1 << 24);
  const ImageInfo info = inspect_jpeg(file, path);
  if (info.width * info.height > kMostPixels) return 0;
  std::size_t bytes = 0;
  for (int channels = info.channels; channels <= 3; channels += 2) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(info.width * info.height * channels));
    decode_jpeg(file, path, info, channels, pixels.data());
    bytes = pixels.size();
  }
  return bytes;
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
