// clang-format off
#include <cstddef>
#include <cstdio>  // jpeglib.h needs both before it
#include <jpeglib.h>
#include <jerror.h>
// clang-format on
#include <diabolo/base/error.h>
#include <diabolo/data/jpeg.h>
#include <diabolo/data/picture.h>
#include <diabolo/data/source.h>

#include <csetjmp>

namespace diabolo {
namespace {

/// A progressive file may make us go over the picture again and again; real ones have about ten.
constexpr int kMaxScans = 200;

/// What the callbacks of libjpeg share with us. The managers come with `client_data`.
struct JpegJob {
  std::span<const std::uint8_t> input;
  ImageInfo info;
  bool is_cmyk = false, is_arithmetic = false;
  int channels = 0;
  std::uint8_t* pixels = nullptr;  // null: only the header
  jpeg_progress_mgr progress{};
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "damaged data";
};

void on_error(j_common_ptr jpeg) {
  JpegJob* job = static_cast<JpegJob*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, job->message);
  std::longjmp(job->jump, 1);
}

/// libjpeg goes on after damage with a warning; these warnings mean that pixels are wrong.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA:
      on_error(jpeg);
  }
}

void on_output(j_common_ptr) {}

void on_progress(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMaxScans)
    jpeg->err->error_exit(jpeg);
}

// libjpeg jumps back into this frame: nothing in it has a destructor.
bool run_read(jpeg_decompress_struct& jpeg, JpegJob& job) noexcept {
  if (setjmp(job.jump)) return false;
  jpeg_create_decompress(&jpeg);
  jpeg.progress = &job.progress;  // creating clears it
  jpeg_mem_src(&jpeg, job.input.data(), job.input.size());
  jpeg_read_header(&jpeg, TRUE);
  job.info.width = jpeg.image_width;
  job.info.height = jpeg.image_height;
  job.info.channels = jpeg.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
  job.is_arithmetic = jpeg.arith_code;
  job.is_cmyk = jpeg.num_components != 1 && jpeg.num_components != 3;
  if (job.pixels == nullptr) return true;

  jpeg.out_color_space = job.channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_start_decompress(&jpeg);
  const std::size_t row_bytes =
      static_cast<std::size_t>(job.info.width) * static_cast<std::size_t>(job.channels);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = job.pixels + jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

bool read_with_libjpeg(JpegJob& job) {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = on_error;
  errors.emit_message = on_message;
  errors.output_message = on_output;
  job.progress.progress_monitor = on_progress;
  jpeg.client_data = &job;
  const bool done = run_read(jpeg, job);
  jpeg_destroy_decompress(&jpeg);
  return done;
}

[[noreturn]] void refuse_jpeg(const std::string& name, const char* what) {
  fail(ErrorCode::corrupt_file, "jpeg",
       "expected a whole JPEG picture at {}, got {}; copy it again", in_quotes(name),
       in_quotes(what));
}

}  // namespace

bool is_jpeg(std::span<const std::uint8_t> head) {
  return head.size() >= 3 && head[0] == 0xff && head[1] == 0xd8 && head[2] == 0xff;
}

ImageInfo inspect_jpeg(std::span<const std::uint8_t> file, const std::string& name) {
  JpegJob job;
  job.input = file;
  if (!read_with_libjpeg(job)) refuse_jpeg(name, job.message);
  const ImageInfo& info = job.info;
  check(info.width <= kMaxPixels / info.height, ErrorCode::unsupported, "jpeg",
        "expected a picture of at most {} pixels at {}, got {} x {}; make it smaller", kMaxPixels,
        in_quotes(name), info.width, info.height);
  // Each block of 8 x 8 has a code of one bit at least; a file too short for that lies about its
  // size. (Arithmetic coding has no such bound.)
  constexpr std::uint64_t kPixelsPerByte = 64 * 8;
  if (!job.is_arithmetic &&
      static_cast<std::uint64_t>(info.width) * static_cast<std::uint64_t>(info.height) >
          file.size() * kPixelsPerByte)
    refuse_jpeg(name, "fewer data than its size needs");
  check(!job.is_cmyk, ErrorCode::unsupported, "jpeg",
        "expected a grey or an RGB picture at {}, got one in print colours (CMYK); save it as RGB",
        in_quotes(name));
  return info;
}

void decode_jpeg(std::span<const std::uint8_t> file, const std::string& name, const ImageInfo& info,
                 int channels, std::uint8_t* pixels) {
  ensure(channels == 3 || channels == info.channels, "jpeg", "no colours asked to become grey");
  JpegJob job;
  job.input = file;
  job.channels = channels;
  job.pixels = pixels;
  if (!read_with_libjpeg(job)) refuse_jpeg(name, job.message);
}

}  // namespace diabolo
