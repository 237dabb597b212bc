// The one exception type of the library.
//
// A message reads "[where] expected ..., got ...; do ...": what was expected, what came, what to
// do. Everything that a user or a file can cause is checked before the first kernel runs and throws
// one of these; what only a bug can cause throws code `internal` (see `ensure`).
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace diabolo {

enum class ErrorCode {
  invalid_argument,
  shape,
  unsupported,
  io,
  corrupt_file,
  out_of_memory,
  not_finite,
  cancelled,
  internal,
};

std::string_view name(ErrorCode code);

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string_view where, std::string_view message);

  ErrorCode code() const noexcept { return code_; }
  /// The message without its "[where] " prefix: what the command line prints.
  const std::string& message() const noexcept { return message_; }

 private:
  ErrorCode code_;
  std::string message_;
};

/// Throws Error(code, where, formatted message).
template <class... Args>
[[noreturn]] void fail(ErrorCode code, std::string_view where, fmt::format_string<Args...> format,
                       Args&&... args) {
  throw Error(code, where, fmt::format(format, std::forward<Args>(args)...));
}

/// Throws unless `condition` holds. The message is formatted only then.
template <class... Args>
void check(bool condition, ErrorCode code, std::string_view where,
           fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) [[unlikely]]
    fail(code, where, format, std::forward<Args>(args)...);
}

/// An assertion for what only a bug of ours can cause; throws code `internal`.
void ensure(bool condition, std::string_view where, std::string_view what);

}  // namespace diabolo
