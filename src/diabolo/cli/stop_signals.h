// SIGINT and SIGTERM as a wish: the work in hand is finished and saved. A second signal ends the
// process at once.
#pragma once

namespace diabolo::cli {

class StopSignals {
 public:
  /// From here on the two signals are only noted.
  StopSignals();
  /// The signal that came, or 0.
  int received() const;
  /// 0, or 128 + the signal: 130, 143.
  int exit_code() const;
};

}  // namespace diabolo::cli
