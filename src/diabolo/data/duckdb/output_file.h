// A file that appears whole or not at all, or the standard output.
#pragma once

#include <diabolo/data/atomic_file.h>

#include <optional>

namespace diabolo::duckdb {

class OutputFile {
 public:
  /// `path` empty: the standard output.
  explicit OutputFile(const std::string& path);
  /// Throws `io`.
  void write(std::string_view text);
  void commit();

 private:
  std::optional<AtomicFile> file_;
};

}  // namespace diabolo::duckdb
