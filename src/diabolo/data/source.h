// Bytes that come one after another: from a file, out of gzip, out of a zip archive. Readers of
// formats take a ByteSource, so that nothing is held twice and every format works compressed.
//
// A source knows an upper bound of what can still come. Readers compare it with what a header
// claims before they take memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

class ByteSource {
 public:
  /// `name` is for messages only.
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Reads up to `bytes` bytes; fewer only at the end. Throws `io` or `corrupt_file`.
  virtual std::size_t read(void* to, std::size_t bytes) = 0;
  /// No more than this many bytes come in all.
  virtual std::uint64_t limit() const = 0;
  /// Bytes on the disk that they come from.
  virtual std::uint64_t stored() const { return limit(); }
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

/// Reads exactly `bytes` bytes. Throws `corrupt_file`, naming `what` was cut short.
void read_exactly(ByteSource& source, void* to, std::size_t bytes, std::string_view what);

/// Throws `corrupt_file` if more bytes come; checks a checksum that stands at the end, if any.
void expect_end(ByteSource& source);

/// Opens a regular file. Throws `io` if there is none, or no permission, or it is something else.
std::unique_ptr<ByteSource> open_file(const std::string& path);

/// What changes when a file is written or replaced.
struct FileStamp {
  std::uint64_t device = 0, file = 0, bytes = 0;
  std::int64_t seconds = 0, nanoseconds = 0;  ///< of the last change
  bool operator==(const FileStamp&) const = default;
};

/// Of the file at `path`; all 0 if there is none.
FileStamp stamp_of(const std::string& path);

/// The whole file. Throws `io`; `unsupported` above `most` bytes.
std::vector<std::uint8_t> read_file(const std::string& path, std::uint64_t most);

/// The first bytes of `source`, at most `bytes`.
std::vector<std::uint8_t> read_head(ByteSource& source, std::size_t bytes);

/// `text` in single quotes for a message of one line: control characters become '?', and what is
/// very long is cut. Names come from archives and folders that anybody can have made.
std::string in_quotes(std::string_view text);

}  // namespace diabolo
