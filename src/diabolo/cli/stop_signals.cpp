#include <diabolo/cli/stop_signals.h>

#include <csignal>

namespace diabolo::cli {
namespace {

volatile std::sig_atomic_t last_signal = 0;

void note(int signal) { last_signal = signal; }

}  // namespace

StopSignals::StopSignals() {
  struct sigaction action{};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int StopSignals::received() const { return last_signal; }

int StopSignals::exit_code() const { return last_signal == 0 ? 0 : 128 + last_signal; }

}  // namespace diabolo::cli
