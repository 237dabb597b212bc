#include <diabolo/data/standard_output.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace diabolo {
namespace {

void require(bool done) {
  if (done) return;
  const int code = errno;
  if (code == EPIPE) throw OutputClosed();
  fail(ErrorCode::io, "stdout",
       "expected to write to the standard output, got '{}'; write to a file",
       std::generic_category().message(code));
}

}  // namespace

OutputClosed::OutputClosed()
    : Error(ErrorCode::io, "stdout",
            "expected a reader of the standard output, got none; write to a file") {}

void write_to_standard_output(std::string_view text) {
  require(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

void flush_standard_output() { require(std::fflush(stdout) == 0); }

}  // namespace diabolo
