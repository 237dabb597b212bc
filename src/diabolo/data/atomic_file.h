// A file that appears whole or not at all: written to a hidden temporary file beside the target,
// flushed to the disk, renamed over the target, the folder flushed. On any error, and if it is not
// committed, the temporary file is removed and an older target stays as it was.
#pragma once

#include <diabolo/base/removed_on_signal.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

class AtomicFile {
 public:
  /// Throws `io`: no such folder, no permission, or the target is a folder.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. Throws `io`.
  void write(const void* data, std::size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }

  /// Puts the file in its place. `flush` = false leaves it to the caller to flush the disk, for
  /// many small files (see `flush_folder`). Throws `io`.
  void commit(bool flush = true);

 private:
  bool open();
  void write_through(const char* data, std::size_t bytes);
  [[noreturn]] void refuse(int code) const;

  std::string path_;
  std::string target_;  // path_ with a link followed
  std::string temporary_;
  std::optional<RemovedOnSignal> removed_;
  int descriptor_ = -1;
  std::vector<char> buffer_;
};

/// A file of these bytes, as above. Throws `io`.
void write_whole(const std::string& path, std::string_view bytes);

/// Flushes the folder that `path` is in, which holds its name. Where a file system cannot do that,
/// what has the name is whole anyway.
void flush_name(const std::string& path);

/// Flushes the file system that holds `folder`: everything written there survives a power cut.
/// Throws `io`.
void flush_folder(const std::string& folder);

/// For tests: while it lives, the disk of this process has room for `bytes` more bytes written
/// through AtomicFile; then it is full. A flush counts as one byte.
class SimulatedFullDisk {
 public:
  explicit SimulatedFullDisk(std::int64_t bytes);
  ~SimulatedFullDisk();
  SimulatedFullDisk(const SimulatedFullDisk&) = delete;
  SimulatedFullDisk& operator=(const SimulatedFullDisk&) = delete;
};

}  // namespace diabolo
