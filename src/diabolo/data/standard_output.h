// Writing to the standard output.
#pragma once

#include <diabolo/base/error.h>

namespace diabolo {

/// Whoever read the standard output has gone (`| head`), and SIGPIPE is ignored.
class OutputClosed : public Error {
 public:
  OutputClosed();
};

/// These throw OutputClosed, or Error `io` (a full disk).
void write_to_standard_output(std::string_view text);
void flush_standard_output();

}  // namespace diabolo
