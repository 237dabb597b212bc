#include <diabolo/base/error.h>
#include <diabolo/base/parallel.h>

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace diabolo {
namespace {

// A worker looks for the next call this long before it sleeps: longer than the serial part of a
// small step, far shorter than a scheduler's time slice.
constexpr std::chrono::microseconds kSpin{50};

thread_local bool inside_pool = false;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// The quota of cgroup v2 ("max 100000" or "150000 100000") or v1; 0 if there is none.
int cgroup_quota() {
  long quota = -1, period = -1;
  if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "re")) {
    if (std::fscanf(file, "%ld %ld", &quota, &period) != 2) quota = -1;
    std::fclose(file);
  } else {
    const auto read = [](const char* path) {
      long value = -1;
      if (std::FILE* f = std::fopen(path, "re")) {
        if (std::fscanf(f, "%ld", &value) != 1) value = -1;
        std::fclose(f);
      }
      return value;
    };
    quota = read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    period = read("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  }
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<int>((quota + period - 1) / period);
}

}  // namespace

int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof set, &set) == 0) cores = CPU_COUNT(&set);
  const int quota = cgroup_quota();
  if (quota > 0) cores = std::min(cores, quota);
  return std::max(cores, 1);
}

// One call is an even epoch; `word` holds epoch << 32 | next task, and tasks are taken by comparing
// and exchanging the whole word. The odd epoch before it closes the last call while the new one is
// written down, so that a late worker can never take a task with the fields of another call.
struct ThreadPool::State {
  std::mutex callers;  // one call at a time
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<std::uint64_t> word{0};
  std::atomic<int> done{0};
  std::atomic<int> sleepers{0};
  std::atomic<bool> stop{false};
  std::atomic<int> count{0};
  std::atomic<void (*)(void*, int)> task{nullptr};
  std::atomic<void*> context{nullptr};
  std::vector<std::thread> workers;

  static constexpr std::uint64_t epoch_of(std::uint64_t w) { return w >> 32; }
  static constexpr std::uint32_t task_of(std::uint64_t w) { return static_cast<std::uint32_t>(w); }
  static constexpr std::uint64_t make_word(std::uint64_t epoch, std::uint32_t task) {
    return (epoch & 0xffffffffu) << 32 | task;
  }

  // The epoch of a call that began after `epoch`; `epoch` itself if there is none yet.
  std::uint64_t begun_after(std::uint64_t epoch) const {
    const std::uint64_t now = epoch_of(word.load());
    return now % 2 == 0 ? now : epoch;
  }

  // Lets all workers go; what has started ends.
  void end() {
    {
      std::lock_guard lock(mutex);
      stop = true;
    }
    wake.notify_all();
    for (auto& worker : workers) worker.join();
  }

  // Takes tasks of epoch `epoch` until none is left.
  void work(std::uint64_t epoch) {
    for (;;) {
      std::uint64_t seen = word.load(std::memory_order_acquire);
      if (epoch_of(seen) != epoch) return;
      const auto n = static_cast<std::uint32_t>(count.load(std::memory_order_acquire));
      const auto function = task.load(std::memory_order_acquire);
      void* const argument = context.load(std::memory_order_acquire);
      if (task_of(seen) >= n) return;
      // Success proves that the epoch has not moved on, so the three loads belong to it: had one
      // seen the next call's value, the closing of this epoch would have come before.
      if (!word.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) continue;
      function(argument, static_cast<int>(task_of(seen)));
      done.fetch_add(1, std::memory_order_release);
    }
  }

  void worker() {
    inside_pool = true;
    std::uint64_t epoch = 0;
    for (;;) {
      const auto deadline = std::chrono::steady_clock::now() + kSpin;
      int turns = 0;
      while (begun_after(epoch) == epoch && !stop.load()) {
        pause();
        if (++turns % 64 != 0 || std::chrono::steady_clock::now() < deadline) continue;
        std::unique_lock lock(mutex);
        sleepers.fetch_add(1);
        wake.wait(lock, [&] { return begun_after(epoch) != epoch || stop.load(); });
        sleepers.fetch_sub(1);
      }
      if (stop.load()) return;
      epoch = begun_after(epoch);
      work(epoch);
    }
  }
};

ThreadPool::ThreadPool(int threads) : threads_(threads == 0 ? available_cores() : threads) {
  check(threads_ >= 1 && threads_ <= 4096, ErrorCode::invalid_argument, "threads",
        "expected 1 to 4096 threads, got {}; give another --threads", threads);
  if (threads_ == 1) return;
  state_ = std::make_unique<State>();
  try {
    for (int i = 1; i < threads_; ++i) state_->workers.emplace_back([this] { state_->worker(); });
  } catch (const std::exception&) {
    const std::size_t started = state_->workers.size() + 1;
    state_->end();
    fail(ErrorCode::out_of_memory, "threads",
         "expected to start {} threads, got {}; give a smaller --threads", threads_, started);
  }
}

ThreadPool::~ThreadPool() {
  if (state_) state_->end();
}

void ThreadPool::run_tasks(int count, void (*task)(void*, int), void* context) {
  if (!state_ || count <= 1 || inside_pool) {
    for (int i = 0; i < count; ++i) task(context, i);
    return;
  }
  State& s = *state_;
  std::lock_guard caller(s.callers);
  inside_pool = true;
  const std::uint64_t epoch = (State::epoch_of(s.word.load()) + 2) & 0xffffffffu;
  s.word.store(State::make_word(epoch - 1, ~std::uint32_t{0}));
  s.count.store(count, std::memory_order_release);
  s.task.store(task, std::memory_order_release);
  s.context.store(context, std::memory_order_release);
  s.done.store(0, std::memory_order_relaxed);
  s.word.store(State::make_word(epoch, 0));
  if (s.sleepers.load() > 0) {
    std::lock_guard lock(s.mutex);
    s.wake.notify_all();
  }
  s.work(epoch);
  int turns = 0;
  while (s.done.load(std::memory_order_acquire) != count) {
    pause();
    if (++turns > 2000) std::this_thread::yield();
  }
  inside_pool = false;
}

}  // namespace diabolo
