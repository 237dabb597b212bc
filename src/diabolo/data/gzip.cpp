#include <diabolo/base/error.h>
#include <diabolo/data/gzip.h>
#include <zlib.h>

#include <algorithm>
#include <vector>

namespace diabolo {
namespace {

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(const std::string& path)
      : ByteSource(path), file_(open_file(path)), input_(1 << 16) {
    constexpr int kGzipOnly = 15 + 16;  // zlib's window bits, plus "a gzip header and checksum"
    check(inflateInit2(&stream_, kGzipOnly) == Z_OK, ErrorCode::out_of_memory, "gzip",
          "expected memory for zlib, got none; close other programs");
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  std::size_t read(void* to, std::size_t bytes) override {
    std::size_t done = 0;
    while (done < bytes && !at_end_) {
      if (stream_.avail_in == 0) fill();
      const std::size_t wanted = std::min<std::size_t>(bytes - done, 1u << 30);
      stream_.next_out = static_cast<Bytef*>(to) + done;
      stream_.avail_out = static_cast<uInt>(wanted);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      done += wanted - stream_.avail_out;
      if (status == Z_STREAM_END) {
        next_member();
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        refuse(stream_.msg != nullptr ? stream_.msg : "damaged data");
      } else if (stream_.avail_in == 0 && no_more_input_ && stream_.avail_out != 0) {
        refuse("an end in the middle");
      }
    }
    return done;
  }
  std::uint64_t limit() const override {
    const std::uint64_t most = ~std::uint64_t{0} / kDeflateRatio;
    return std::min(file_->limit(), most) * kDeflateRatio;
  }
  std::uint64_t stored() const override { return file_->stored(); }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    fail(ErrorCode::corrupt_file, "gzip", "expected a whole gzip file at {}, got {}; copy it again",
         in_quotes(name()), what);
  }
  void fill() {
    const std::size_t n = file_->read(input_.data(), input_.size());
    no_more_input_ = n < input_.size();
    stream_.next_in = input_.data();
    stream_.avail_in = static_cast<uInt>(n);
  }
  void next_member() {
    if (stream_.avail_in == 0) fill();
    if (stream_.avail_in == 0) {
      at_end_ = true;
    } else {
      if (*stream_.next_in != 0x1f) refuse("other bytes after its end");
      inflateReset(&stream_);
    }
  }

  std::unique_ptr<ByteSource> file_;
  std::vector<std::uint8_t> input_;
  z_stream stream_{};
  bool no_more_input_ = false;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> open_gzip(const std::string& path) {
  return std::make_unique<GzipSource>(path);
}

}  // namespace diabolo
