#include <diabolo/base/error.h>
#include <diabolo/tensor/file_memory.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <system_error>

namespace diabolo {
namespace {

constexpr std::size_t kShare = 4;

std::atomic<std::size_t> chosen = 0;

/// What a container may use; without a limit that of the machine.
std::size_t usable_memory() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  std::size_t bytes = pages > 0 && page > 0
                          ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(page)
                          : std::numeric_limits<std::size_t>::max();
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::size_t limit = 0;  // "max" is no number
    if (std::ifstream(path) >> limit && limit > 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

std::string folder() {
  const char* const wanted = std::getenv("TMPDIR");
  return wanted != nullptr && *wanted != '\0' ? wanted : "/var/tmp";
}

[[noreturn]] void refuse(std::size_t bytes, int code) {
  fail(
      ErrorCode::out_of_memory, "memory",
      "expected {} bytes in '{}' for an array larger than memory, got '{}'; set TMPDIR to a folder "
      "with more room",
      bytes, folder(), std::generic_category().message(code));
}

int open_file(std::size_t bytes) {
  int file = -1;
#ifdef O_TMPFILE
  file = ::open(folder().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
#endif
  if (file >= 0) return file;
  std::string name = folder() + "/diabolo-XXXXXX";
  file = ::mkstemp(name.data());
  if (file < 0) refuse(bytes, errno);
  ::unlink(name.c_str());
  return file;
}

void take_room(int file, std::size_t bytes) {
  int code = EINTR;  // a signal, where it lies in memory
  while (code == EINTR) code = ::posix_fallocate(file, 0, static_cast<off_t>(bytes));
  if (code != 0) refuse(bytes, code);
}

std::byte* map(int file, std::size_t bytes) {
  void* const data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (data == MAP_FAILED) refuse(bytes, errno);
  return static_cast<std::byte*>(data);
}

}  // namespace

std::size_t file_memory_from() {
  static const std::size_t by_machine = usable_memory() / kShare;
  const std::size_t bytes = chosen.load();
  return bytes > 0 ? bytes : by_machine;
}

void set_file_memory_from(std::size_t bytes) { chosen = bytes; }

FileMemory map_file_memory(std::size_t bytes) {
  FileMemory memory{.data = nullptr, .bytes = bytes, .file = open_file(bytes)};
  try {
    take_room(memory.file, bytes);
    memory.data = map(memory.file, bytes);
  } catch (...) {
    ::close(memory.file);
    throw;
  }
  return memory;
}

void grow_file_memory(FileMemory& memory, std::size_t bytes) {
  take_room(memory.file, bytes);
  std::byte* const data = map(memory.file, bytes);
  ::munmap(memory.data, memory.bytes);
  memory.data = data;
  memory.bytes = bytes;
}

void unmap_file_memory(FileMemory& memory) noexcept {
  if (memory.data != nullptr) ::munmap(memory.data, memory.bytes);
  if (memory.file >= 0) ::close(memory.file);
  memory = {};
}

}  // namespace diabolo
