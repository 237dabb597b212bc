#include "harness.h"

#include <diabolo/base/error.h>
#include <diabolo/base/log.h>
#include <diabolo/cli/console.h>
#include <sanitizer/allocator_interface.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace diabolo::fuzz {
namespace {

constexpr std::int64_t kMemory = std::int64_t{64} << 20;  // that any file may take
constexpr std::int64_t kGrowth = 10;                      // and for each of its bytes
constexpr double kMostSeconds = 1;
constexpr std::size_t kLongestMessage = 4096;

// Bytes in use since an input began, and the most at once.
std::atomic<std::int64_t> in_use, peak;

void on_malloc(const volatile void*, std::size_t size) {
  const std::int64_t now = in_use += static_cast<std::int64_t>(size);
  if (now > peak) peak = now;
}
void on_free(const volatile void* address) {
  const void* const block = const_cast<const void*>(address);
  if (block) in_use -= static_cast<std::int64_t>(__sanitizer_get_allocated_size(block));
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "fuzz: %s\n", what.c_str());
  std::abort();
}

double processor_seconds() {
  std::timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The length of the UTF-8 character at the beginning of `text`; 0 if there is none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80   ? 1
                             : byte(0) < 0xc2 ? 0
                             : byte(0) < 0xe0 ? 2
                             : byte(0) < 0xf0 ? 3
                             : byte(0) < 0xf5 ? 4
                                              : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if (length == 3 && (byte(0) == 0xe0 ? byte(1) < 0xa0 : byte(0) == 0xed && byte(1) > 0x9f))
    return 0;
  if (length == 4 && (byte(0) == 0xf0 ? byte(1) < 0x90 : byte(0) == 0xf4 && byte(1) > 0x8f))
    return 0;
  return length;
}

void check_message(std::string_view text) {
  if (text.size() > kLongestMessage) fail(fmt::format("a message of {} bytes", text.size()));
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t n = character(rest);
    const auto byte = static_cast<unsigned char>(rest[0]);
    if (n == 0 || byte < 32 || byte == 127)
      fail(fmt::format("byte {:02x} at {} of the message \"{}\"", byte, text.size() - rest.size(),
                       text));
    rest.remove_prefix(n);
  }
}

/// One file in memory, written anew for each input.
const std::string& as_file(Bytes input) {
  static const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  static const std::string path = fmt::format("/proc/self/fd/{}", file);
  const auto size = static_cast<ssize_t>(input.size());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, input.data(), input.size(), 0) != size)
    fail("no memory for a file");
  return path;
}

}  // namespace

const std::string& scratch_file() {
  static const std::string path = fmt::format("/dev/shm/diabolo-fuzz-{}", ::getpid());
  static const int once = std::atexit([] { ::unlink(scratch_file().c_str()); });
  if (once != 0) fail("no room for what is done at the end");
  return path;
}

void expect(bool holds, const char* what) {
  if (!holds) fail(what);
}

int attempt(Bytes input, std::size_t (*use)(const std::string& path)) {
  static const bool once = [] {
    set_log_callback([](LogLevel, std::string_view line) { check_message(line); });
    return __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0;
  }();
  if (!once) fail("no hook for allocations");
  const std::string& path = as_file(input);
  std::size_t bytes = input.size();
  in_use = peak = 0;
  const double begin = processor_seconds();
  try {
    bytes = std::max(bytes, use(path));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::internal) fail(error.what());
    check_message(error.message());
  } catch (const cli::UsageError& error) {
    check_message(error.what());
  }
  const double seconds = processor_seconds() - begin;
  if (seconds > kMostSeconds) fail(fmt::format("{:.2f} s of processor time", seconds));
  const std::int64_t most = kMemory + kGrowth * static_cast<std::int64_t>(bytes);
  if (peak > most) fail(fmt::format("{} bytes of memory for {}, above {}", peak, bytes, most));
  return 0;
}

}  // namespace diabolo::fuzz
