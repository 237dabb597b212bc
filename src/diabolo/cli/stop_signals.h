// SIGINT, SIGTERM and SIGHUP as a wish: the work in hand is finished and saved, however often they
// come. Under nohup SIGHUP stays ignored.
#pragma once

namespace diabolo::cli {

class StopSignals {
 public:
  /// From here on the signals are only noted.
  StopSignals();
  /// The signal that came first, or 0.
  int received() const;
  /// Its name, such as "SIGINT".
  const char* name() const;
  /// 0, or 128 + the signal: 130, 143, 129.
  int exit_code() const;
};

}  // namespace diabolo::cli
