// One thread a call of oneDNN: there are no threads inside a step (ARCHITECTURE.md).
#pragma once

#include <dlfcn.h>

namespace diabolo::kernels {

// oneDNN asks OpenMP how many threads to use: one, while this object lives. OpenMP is looked up in
// the process, since only oneDNN knows which one it was built with, if any; with one thread it
// starts no others, so none spins.
class OneThread {
 public:
  OneThread() {
    if (!openmp().set) return;
    before_ = openmp().get();
    openmp().set(1);
  }
  ~OneThread() {
    if (openmp().set) openmp().set(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  struct OpenMp {
    void (*set)(int) = nullptr;
    int (*get)() = nullptr;
  };
  static const OpenMp& openmp() {
    static const OpenMp functions = [] {
      OpenMp found{reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads")),
                   reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"))};
      return found.set && found.get ? found : OpenMp{};
    }();
    return functions;
  }

  int before_ = 1;
};

}  // namespace diabolo::kernels
