#include <diabolo/base/error.h>
#include <diabolo/base/one_line.h>

namespace diabolo {

std::string_view name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid argument";
    case ErrorCode::shape:
      return "shape";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::io:
      return "io";
    case ErrorCode::corrupt_file:
      return "corrupt file";
    case ErrorCode::out_of_memory:
      return "out of memory";
    case ErrorCode::not_finite:
      return "not finite";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::internal:
      return "internal";
  }
  return "unknown";
}

Error::Error(ErrorCode code, std::string_view where, std::string_view message)
    : std::runtime_error(fmt::format("[{}] {}", where, one_line(message))),
      code_(code),
      message_(one_line(message)) {}

void ensure(bool condition, std::string_view where, std::string_view what) {
  if (!condition) [[unlikely]]
    fail(ErrorCode::internal, where, "expected {}, got a violation of it; please report this bug",
         what);
}

}  // namespace diabolo
