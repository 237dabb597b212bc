// A small thread pool: the one mechanism of parallelism. Workers spin for a bounded time (the
// pause between two steps), then sleep, so that a busy neighbour process costs its share and no
// more. A pool of one thread runs everything in the caller and starts nothing.
#pragma once

#include <memory>
#include <type_traits>

namespace diabolo {

/// Cores this process may use: affinity mask and cgroup quota, at least 1.
int available_cores();

class ThreadPool {
 public:
  /// `threads` >= 1 counts the caller; 0 means available_cores().
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const noexcept { return threads_; }

  /// Calls f(i) once for each i in [0, count), the caller working too; returns when all are done.
  /// Which thread takes which i is not defined, so f(i) must write only what belongs to i.
  /// f must not throw. Allocates nothing. Calls from several threads are taken one after another;
  /// a call from inside f runs in the calling thread.
  template <class F>
  void run(int count, F&& f) {
    using Function = std::remove_reference_t<F>;
    run_tasks(
        count, [](void* context, int i) { (*static_cast<Function*>(context))(i); },
        const_cast<void*>(static_cast<const void*>(&f)));
  }

 private:
  struct State;
  void run_tasks(int count, void (*task)(void*, int), void* context);

  int threads_;
  std::unique_ptr<State> state_;
};

}  // namespace diabolo
