#include <diabolo/base/error.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/gzip.h>
#include <diabolo/data/png.h>
#include <diabolo/data/source.h>
#include <png.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

namespace diabolo {
namespace {

/// What the callbacks of libpng share with us.
struct PngJob {
  std::span<const std::uint8_t> input;
  std::vector<std::uint8_t> output;
  ImageInfo info;
  int channels = 0;
  std::uint8_t* pixels = nullptr;  // null: only the header
  bool no_memory = false;          // for `output`
  char message[200] = "damaged data";
};

void on_error(png_structp png, png_const_charp message) {
  PngJob* job = static_cast<PngJob*>(png_get_error_ptr(png));
  std::snprintf(job->message, sizeof job->message, "%s", message);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep to, png_size_t bytes) {
  PngJob* job = static_cast<PngJob*>(png_get_io_ptr(png));
  if (bytes > job->input.size()) png_error(png, "an end in the middle");
  std::memcpy(to, job->input.data(), bytes);
  job->input = job->input.subspan(bytes);
}

void on_write(png_structp png, png_bytep from, png_size_t bytes) {
  PngJob* job = static_cast<PngJob*>(png_get_io_ptr(png));
  try {
    job->output.insert(job->output.end(), from, from + bytes);
  } catch (...) {
    job->no_memory = true;
  }
  if (job->no_memory) png_error(png, "no memory");
}

void on_flush(png_structp) {}

// libpng jumps back into this frame: nothing in it has a destructor.
bool run_read(png_structp png, png_infop header, PngJob& job) noexcept {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_read_fn(png, &job, on_read);
  // Texts, profiles and the like change no pixel, and unpacked they may be a thousand times larger.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(png, header);
  const int colour = png_get_color_type(png, header);
  job.info.width = png_get_image_width(png, header);
  job.info.height = png_get_image_height(png, header);
  job.info.channels = colour & PNG_COLOR_MASK_COLOR ? 3 : 1;
  job.info.has_alpha = (colour & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, header, PNG_INFO_tRNS);
  if (job.pixels == nullptr) return true;

  png_set_scale_16(png);
  png_set_expand(png);
  png_set_strip_alpha(png);
  if (job.channels == 3) png_set_gray_to_rgb(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, header);
  const std::size_t row_bytes =
      static_cast<std::size_t>(job.info.width) * static_cast<std::size_t>(job.channels);
  if (png_get_rowbytes(png, header) != row_bytes) png_error(png, "a changed header");
  for (int pass = 0; pass < passes; ++pass)
    for (std::int64_t y = 0; y < job.info.height; ++y)
      png_read_row(png, job.pixels + static_cast<std::size_t>(y) * row_bytes, nullptr);
  png_read_end(png, nullptr);
  return true;
}

bool read_with_libpng(PngJob& job) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
  png_infop header = png != nullptr ? png_create_info_struct(png) : nullptr;
  const bool done = header != nullptr && run_read(png, header, job);
  png_destroy_read_struct(&png, &header, nullptr);
  return done;
}

bool run_write(png_structp png, png_infop header, const Picture& picture, PngSearch search,
               PngJob& job) noexcept {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_write_fn(png, &job, on_write, on_flush);
  png_set_IHDR(png, header, static_cast<png_uint_32>(picture.width),
               static_cast<png_uint_32>(picture.height), 8,
               picture.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, 6);
  if (search == PngSearch::quick) png_set_compression_strategy(png, Z_RLE);
  png_set_filter(png, PNG_FILTER_TYPE_BASE,
                 search == PngSearch::quick ? PNG_FILTER_UP : PNG_ALL_FILTERS);
  png_write_info(png, header);
  const std::size_t row_bytes =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
  for (int y = 0; y < picture.height; ++y)
    png_write_row(png, picture.pixels.data() + static_cast<std::size_t>(y) * row_bytes);
  png_write_end(png, header);
  return true;
}

[[noreturn]] void refuse_png(const std::string& name, const char* what) {
  fail(ErrorCode::corrupt_file, "png", "expected a whole PNG picture at {}, got {}; copy it again",
       in_quotes(name), in_quotes(what));
}

}  // namespace

bool is_png(std::span<const std::uint8_t> head) {
  return head.size() >= 8 && png_sig_cmp(head.data(), 0, 8) == 0;
}

ImageInfo inspect_png(std::span<const std::uint8_t> file, const std::string& name) {
  PngJob job;
  job.input = file;
  if (!read_with_libpng(job)) refuse_png(name, job.message);
  const ImageInfo& info = job.info;
  check(info.width <= kMaxPixels / info.height, ErrorCode::unsupported, "png",
        "expected a picture of at most {} pixels at {}, got {} x {}; make it smaller", kMaxPixels,
        in_quotes(name), info.width, info.height);
  // One bit a pixel is the least a PNG stores; a file too short for that lies about its size.
  if (static_cast<std::uint64_t>(info.width) * static_cast<std::uint64_t>(info.height) / 8 >
      file.size() * kDeflateRatio)
    refuse_png(name, "fewer data than its size needs");
  return info;
}

void decode_png(std::span<const std::uint8_t> file, const std::string& name, const ImageInfo& info,
                int channels, std::uint8_t* pixels) {
  ensure(channels == 3 || channels == info.channels, "png", "no colours asked to become grey");
  PngJob job;
  job.input = file;
  job.channels = channels;
  job.pixels = pixels;
  if (!read_with_libpng(job)) refuse_png(name, job.message);
}

std::vector<std::uint8_t> encode_png(const Picture& picture, PngSearch search) {
  PngJob job;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
  png_infop header = png != nullptr ? png_create_info_struct(png) : nullptr;
  const bool done = header != nullptr && run_write(png, header, picture, search, job);
  png_destroy_write_struct(&png, &header);
  check(done, job.no_memory ? ErrorCode::out_of_memory : ErrorCode::invalid_argument, "png",
        "expected a picture that libpng can write, got {} x {}: {}; make it smaller", picture.width,
        picture.height, job.message);
  return std::move(job.output);
}

void write_png(const Picture& picture, const std::string& path) {
  const std::vector<std::uint8_t> bytes = encode_png(picture);
  write_whole(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace diabolo
