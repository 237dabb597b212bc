#include <diabolo/base/error.h>
#include <diabolo/base/one_line.h>
#include <diabolo/data/source.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace diabolo {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(const std::string& path, int descriptor, std::uint64_t size)
      : ByteSource(path), descriptor_(descriptor), size_(size) {}
  ~FileSource() override { ::close(descriptor_); }

  std::size_t read(void* to, std::size_t bytes) override {
    std::size_t done = 0;
    while (done < bytes) {
      const ssize_t n = ::read(descriptor_, static_cast<char*>(to) + done, bytes - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        const auto reason = std::generic_category().message(errno);
        fail(ErrorCode::io, "read", "expected to read {}, got '{}'; check the disk",
             in_quotes(name()), reason);
      }
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }
  std::uint64_t limit() const override { return size_; }

 private:
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace

void read_exactly(ByteSource& source, void* to, std::size_t bytes, std::string_view what) {
  const std::size_t n = source.read(to, bytes);
  check(n == bytes, ErrorCode::corrupt_file, "read",
        "expected {} bytes of {} in {}, got {}; the file is cut short, copy it again", bytes, what,
        in_quotes(source.name()), n);
}

void expect_end(ByteSource& source) {
  char byte = 0;
  check(source.read(&byte, 1) == 0, ErrorCode::corrupt_file, "read",
        "expected the end of {} after the data that its header names, got more bytes; the header "
        "or the file is damaged, make it again",
        in_quotes(source.name()));
}

std::unique_ptr<ByteSource> open_file(const std::string& path) {
  struct stat info{};
  const bool there = ::stat(path.c_str(), &info) == 0;
  if (!there) {
    const int code = errno;
    check(code != ENOENT && code != ENOTDIR, ErrorCode::io, "read",
          "expected a file or folder at {}, got nothing there; check the path", in_quotes(path));
    fail(ErrorCode::io, "read", "expected a file or folder at {}, got '{}'; check the path",
         in_quotes(path), std::generic_category().message(code));
  }
  // Opening a pipe would wait for its writer.
  check(S_ISREG(info.st_mode), ErrorCode::io, "read",
        "expected a regular file at {}, got {}; give a file", in_quotes(path),
        S_ISDIR(info.st_mode) ? "a folder" : "a pipe or device");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    fail(ErrorCode::io, "read", "expected a readable file at {}, got '{}'; check its permissions",
         in_quotes(path), std::generic_category().message(errno));
  return std::make_unique<FileSource>(path, descriptor, static_cast<std::uint64_t>(info.st_size));
}

FileStamp stamp_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
#if defined(__APPLE__)
  const auto& changed = info.st_mtimespec;
#else
  const auto& changed = info.st_mtim;
#endif
  return {.device = static_cast<std::uint64_t>(info.st_dev),
          .file = static_cast<std::uint64_t>(info.st_ino),
          .bytes = static_cast<std::uint64_t>(info.st_size),
          .seconds = changed.tv_sec,
          .nanoseconds = changed.tv_nsec};
}

std::vector<std::uint8_t> read_file(const std::string& path, std::uint64_t most) {
  const auto source = open_file(path);
  check(source->limit() <= most, ErrorCode::unsupported, "read",
        "expected at most {} bytes in {}, got {}; make it smaller", most, in_quotes(path),
        source->limit());
  return read_head(*source, static_cast<std::size_t>(source->limit()));
}

std::vector<std::uint8_t> read_head(ByteSource& source, std::size_t bytes) {
  std::vector<std::uint8_t> head(bytes);
  head.resize(source.read(head.data(), head.size()));
  return head;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 300;
  std::string result = "'";
  for (std::string_view rest = text; !rest.empty() && text.size() - rest.size() < kMost;) {
    const std::size_t n = character_bytes(rest);
    result += n == 0 || begins_with_control(rest) ? "?" : rest.substr(0, n);
    rest.remove_prefix(std::max<std::size_t>(n, 1));
  }
  return result + (text.size() > kMost ? "...'" : "'");
}

}  // namespace diabolo
