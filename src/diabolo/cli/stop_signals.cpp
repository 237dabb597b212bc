#include <diabolo/cli/stop_signals.h>

#include <initializer_list>

namespace diabolo::cli {
namespace {

volatile std::sig_atomic_t first_signal = 0;

void note(int signal) {
  if (first_signal == 0) first_signal = signal;
}

}  // namespace

StopSignals::StopSignals() {
  struct sigaction action{};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before{};
    sigaction(signal, nullptr, &before);
    // nohup asks for work to go on. That scripts start background jobs with SIGINT ignored does
    // not.
    if (signal == SIGHUP && before.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
    before_.emplace(signal, before);
  }
}

void StopSignals::release() {
  for (const auto& [signal, before] : before_) sigaction(signal, &before, nullptr);
}

int StopSignals::received() const { return first_signal; }

const char* StopSignals::name() const {
  if (first_signal == SIGHUP) return "SIGHUP";
  return first_signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

int StopSignals::exit_code() const { return first_signal == 0 ? 0 : 128 + first_signal; }

}  // namespace diabolo::cli
