#include <diabolo/base/error.h>
#include <diabolo/data/duckdb/output_file.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace diabolo::duckdb {

OutputFile::OutputFile(const std::string& path) {
  if (!path.empty()) file_.emplace(path);
}

void OutputFile::write(std::string_view text) {
  if (file_) return file_->write(text);
  const bool good = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  check(good, ErrorCode::io, "write",
        "expected to write to the standard output, got '{}'; check it",
        std::generic_category().message(errno));
}

void OutputFile::commit() {
  if (file_) return file_->commit();
  check(std::fflush(stdout) == 0, ErrorCode::io, "write",
        "expected to write to the standard output, got '{}'; check it",
        std::generic_category().message(errno));
}

}  // namespace diabolo::duckdb
