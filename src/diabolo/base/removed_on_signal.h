// What a process has on the disk only for a while goes away though a signal ends the process.
#pragma once

#include <string>

namespace diabolo {

/// While it lives, `path` is removed if SIGINT, SIGTERM or SIGHUP ends the process. Beyond 64 at a
/// time, and for paths of more than 4 kB, it does nothing. Does nothing before `remove_on_signals`.
class RemovedOnSignal {
 public:
  enum class What {
    name,     ///< a file or an empty folder
    content,  ///< all that is in a folder
    all       ///< a folder with all that is in it
  };
  explicit RemovedOnSignal(const std::string& path, What what = What::name);
  ~RemovedOnSignal();
  RemovedOnSignal(RemovedOnSignal&& other) noexcept;
  RemovedOnSignal& operator=(RemovedOnSignal&& other) noexcept;

 private:
  int slot_ = -1;
};

/// For programs, not libraries: sets handlers for the signals that are not ignored, which remove
/// what is to be removed and then let the signal end the process.
void remove_on_signals();

}  // namespace diabolo
