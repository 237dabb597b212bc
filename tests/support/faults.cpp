// Loaded before everything else into a command under test (LD_PRELOAD), it makes the system fail:
//   FAULT_CLOCK=wall      the time of day jumps an hour back and a day forward, in turns
//   FAULT_CLOCK=forward   so does each clock, but only forward (as after a laptop's sleep)
//   FAULT_CLOCK=backward  each clock, back and forth, which no system should do
//   FAULT_MEMORY=N        of what the program allocates, the allocation after N others fails
//   FAULT_FILE=NAME       a file whose path ends so is cut to half when it was opened
//   FAULT_AFTER=N         after N other times; with
//   FAULT_VANISH=1        it is removed instead
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

std::atomic<long> memory_left{-1};  // below 0: nothing fails

bool no_memory() {
  if (memory_left.load(std::memory_order_relaxed) < 0) return false;
  return memory_left.fetch_sub(1) == 0;
}

enum class Clocks { honest, wall, forward, backward };
std::atomic<Clocks> clocks{Clocks::honest};
std::atomic<long> calls{0};

long jump(bool is_wall) {
  constexpr long kHour = 3600, kDay = 86400;
  const Clocks how = clocks;
  if (how == Clocks::honest || (how == Clocks::wall && !is_wall)) return 0;
  const long call = calls.fetch_add(1);
  if (how == Clocks::forward) return call / 50 * kHour;
  return call % 3 == 0 ? -kHour : call % 3 == 1 ? kDay : 0;
}

const char* fault_file = nullptr;
bool vanishes = false;
std::atomic<long> opens_left{0};

/// After `path` was opened.
void change(const char* path) {
  if (fault_file == nullptr || path == nullptr) return;
  const std::size_t length = std::strlen(path), end = std::strlen(fault_file);
  if (length < end || std::strcmp(path + length - end, fault_file) != 0) return;
  if (opens_left.fetch_sub(1) != 0) return;
  struct stat now{};
  if (vanishes)
    ::unlink(path);
  else if (::stat(path, &now) == 0 && ::truncate(path, now.st_size / 2) != 0)
    std::abort();
}

using Main = int (*)(int, char**, char**);
Main true_main = nullptr;

int faulty_main(int argc, char** argv, char** environment) {
  if (const char* how = std::getenv("FAULT_CLOCK"))
    clocks = std::strcmp(how, "wall") == 0      ? Clocks::wall
             : std::strcmp(how, "forward") == 0 ? Clocks::forward
                                                : Clocks::backward;
  if (const char* after = std::getenv("FAULT_MEMORY")) memory_left = std::atol(after);
  fault_file = std::getenv("FAULT_FILE");
  vanishes = std::getenv("FAULT_VANISH") != nullptr;
  if (const char* after = std::getenv("FAULT_AFTER")) opens_left = std::atol(after);
  return true_main(argc, argv, environment);
}

template <class F>
F next(F, const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int __libc_start_main(Main main, int argc, char** argv, void (*init)(), void (*fini)(),
                      void (*linker_fini)(), void* stack_end) {
  true_main = main;
  const auto real =
      reinterpret_cast<int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*)>(
          dlsym(RTLD_NEXT, "__libc_start_main"));
  return real(faulty_main, argc, argv, init, fini, linker_fini, stack_end);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto real = next(&clock_gettime, "clock_gettime");
  const int result = real(clock, time);
  if (result == 0) time->tv_sec += jump(clock == CLOCK_REALTIME);
  return result;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  static const auto real = next(&gettimeofday, "gettimeofday");
  const int result = real(time, zone);
  if (result == 0) time->tv_sec += jump(true);
  return result;
}

time_t time(time_t* to) noexcept {
  static const auto real = next(&time, "time");
  const time_t now = real(nullptr) + jump(true);
  if (to != nullptr) *to = now;
  return now;
}

void* malloc(std::size_t n) noexcept {
  if (!no_memory()) return __libc_malloc(n);
  errno = ENOMEM;
  return nullptr;
}

void* calloc(std::size_t count, std::size_t n) noexcept {
  if (!no_memory()) return __libc_calloc(count, n);
  errno = ENOMEM;
  return nullptr;
}

void* realloc(void* p, std::size_t n) noexcept {
  if (!no_memory()) return __libc_realloc(p, n);
  errno = ENOMEM;
  return nullptr;
}

void* aligned_alloc(std::size_t alignment, std::size_t n) noexcept {
  if (!no_memory()) return __libc_memalign(alignment, n);
  errno = ENOMEM;
  return nullptr;
}

int posix_memalign(void** to, std::size_t alignment, std::size_t n) noexcept {
  if (no_memory()) return ENOMEM;
  *to = __libc_memalign(alignment, n);
  return *to == nullptr ? ENOMEM : 0;
}

#define DIABOLO_OPEN(name)                                            \
  int name(const char* path, int flags, ...) {                        \
    va_list more;                                                     \
    va_start(more, flags);                                            \
    const mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0; \
    va_end(more);                                                     \
    static const auto real = next(&name, #name);                      \
    const int file = real(path, flags, mode);                         \
    if (file >= 0 && (flags & O_ACCMODE) == O_RDONLY) change(path);   \
    return file;                                                      \
  }
DIABOLO_OPEN(open)
DIABOLO_OPEN(open64)

#define DIABOLO_FOPEN(name)                              \
  std::FILE* name(const char* path, const char* mode) {  \
    static const auto real = next(&name, #name);         \
    std::FILE* const file = real(path, mode);            \
    if (file != nullptr && mode[0] == 'r') change(path); \
    return file;                                         \
  }
DIABOLO_FOPEN(fopen)
DIABOLO_FOPEN(fopen64)
}
