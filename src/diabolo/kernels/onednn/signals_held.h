// Signals wait while oneDNN multiplies.
#pragma once

#include <pthread.h>

#include <csignal>

namespace diabolo::kernels {

// oneDNN's code uses the stack pointer as one more register, for places in its arrays. A handler
// that ran then would have its frame written there, over whatever is beside them. So no signal is
// handled in this thread while this object lives, but for those that its own code causes.
class SignalsHeld {
 public:
  SignalsHeld() {
    static const sigset_t all = [] {
      sigset_t set;
      sigfillset(&set);
      for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS})
        sigdelset(&set, own);
      return set;
    }();
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

}  // namespace diabolo::kernels
