// SIGINT, SIGTERM and SIGHUP as a wish: the work in hand is finished and saved, however often they
// come. Under nohup SIGHUP stays ignored.
#pragma once

#include <csignal>
#include <map>

namespace diabolo::cli {

class StopSignals {
 public:
  /// From here on the signals are only noted.
  StopSignals();
  /// From here on they do again what they did before.
  void release();
  /// The signal that came first, or 0.
  int received() const;
  /// Its name, such as "SIGINT".
  const char* name() const;
  /// 0, or 128 + the signal: 130, 143, 129.
  int exit_code() const;

 private:
  std::map<int, struct sigaction> before_;
};

}  // namespace diabolo::cli
