#include <diabolo/base/log.h>
#include <diabolo/data/image.h>
#include <diabolo/data/jpeg.h>
#include <diabolo/data/png.h>
#include <diabolo/data/source.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <vector>

namespace diabolo {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

ImageInfo inspect(std::span<const std::uint8_t> file, const std::string& path) {
  return is_png(file) ? inspect_png(file, path) : inspect_jpeg(file, path);
}

void decode(std::span<const std::uint8_t> file, const std::string& path, const ImageInfo& info,
            int channels, std::byte* to) {
  auto* pixels = reinterpret_cast<std::uint8_t*>(to);
  if (is_png(file))
    decode_png(file, path, info, channels, pixels);
  else
    decode_jpeg(file, path, info, channels, pixels);
}

void warn_of_alpha(const std::string& path) {
  log(LogLevel::warning, "transparency was dropped, as in " + in_quotes(path));
}

Shape shape_of(std::int64_t count, const ImageInfo& info, int channels) {
  return channels == 3 ? Shape{count, info.height, info.width, 3}
                       : Shape{count, info.height, info.width};
}

bool has_picture_ending(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

struct Listing {
  std::vector<std::string> pictures;  // paths, sorted by name
  std::vector<std::string> skipped;   // names
};

/// A file is a picture by its content; one that has only the ending of a picture is damaged.
Listing list_pictures(const std::string& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (!it->path().filename().string().starts_with('.')) paths.push_back(it->path());
  check(!error, ErrorCode::io, "images", "expected to list the folder {}, got '{}'; check it",
        in_quotes(folder), error.message());
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) {
    return a.filename().native() < b.filename().native();
  });
  Listing listing;
  for (const fs::path& path : paths) {
    bool is_one = false;
    check(!has_picture_ending(path) || fs::exists(path, error), ErrorCode::io, "images",
          "expected a picture at {}, got a link to nothing; correct or remove it",
          in_quotes(path.string()));
    if (fs::is_regular_file(path, error)) {
      is_one = is_picture(read_head(*open_file(path.string()), 8));
      check(is_one || !has_picture_ending(path), ErrorCode::corrupt_file, "images",
            "expected a PNG or JPEG picture at {}, got other content; copy it again or remove it",
            in_quotes(path.string()));
    }
    (is_one ? listing.pictures : listing.skipped)
        .push_back(is_one ? path.string() : path.filename().string());
  }
  return listing;
}

void warn_of_skipped(const std::string& folder, const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  if (names.empty()) return;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i)
    text += fmt::format("{}{}", i ? ", " : "", in_quotes(names[i]));
  if (names.size() > kMost) text += fmt::format(" and {} more", names.size() - kMost);
  log(LogLevel::warning,
      fmt::format("skipped in {}, being neither PNG nor JPEG: {}", in_quotes(folder), text));
}

}  // namespace

bool is_picture(std::span<const std::uint8_t> head) { return is_png(head) || is_jpeg(head); }

Tensor read_image(const std::string& path) {
  const std::vector<std::uint8_t> file = read_file(path, kMaxFileBytes);
  const ImageInfo info = inspect(file, path);
  if (info.has_alpha) warn_of_alpha(path);
  Tensor tensor = Tensor::unfilled(DType::u8, shape_of(1, info, info.channels));
  decode(file, path, info, info.channels, tensor.data());
  return tensor;
}

Tensor read_image_folder(const std::string& folder) {
  const Listing listing = list_pictures(folder);
  check(!listing.pictures.empty(), ErrorCode::invalid_argument, "images",
        "expected PNG or JPEG pictures in the folder {}, got {}; give the folder that holds the "
        "pictures themselves",
        in_quotes(folder),
        listing.skipped.empty() ? "an empty one"
                                : "only others, as " + in_quotes(listing.skipped.front()));
  warn_of_skipped(folder, listing.skipped);

  // First all headers, so that one allocation of the right size serves.
  ImageInfo first;
  int channels = 1;
  std::string with_alpha;
  for (const std::string& path : listing.pictures) {
    const ImageInfo info = inspect(read_file(path, kMaxFileBytes), path);
    if (&path == &listing.pictures.front()) first = info;
    check(info.width == first.width && info.height == first.height, ErrorCode::shape, "images",
          "expected pictures of one size, got {} x {} in {} and {} x {} in {}; resize them",
          first.width, first.height, in_quotes(listing.pictures.front()), info.width, info.height,
          in_quotes(path));
    channels = std::max(channels, info.channels);
    if (info.has_alpha && with_alpha.empty()) with_alpha = path;
  }
  if (!with_alpha.empty()) warn_of_alpha(with_alpha);

  Tensor tensor = Tensor::unfilled(
      DType::u8, shape_of(static_cast<std::int64_t>(listing.pictures.size()), first, channels));
  const auto row_bytes = static_cast<std::size_t>(tensor.row_size());
  for (std::size_t i = 0; i < listing.pictures.size(); ++i) {
    const std::string& path = listing.pictures[i];
    const std::vector<std::uint8_t> file = read_file(path, kMaxFileBytes);
    const ImageInfo info = inspect(file, path);  // again: the file may have changed meanwhile
    check(info.width == first.width && info.height == first.height && info.channels <= channels,
          ErrorCode::io, "images", "expected {} to stay as it was, got a changed file; try again",
          in_quotes(path));
    decode(file, path, info, channels, tensor.data() + i * row_bytes);
  }
  return tensor;
}

}  // namespace diabolo
