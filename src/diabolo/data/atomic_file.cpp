#include <diabolo/base/error.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/source.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace diabolo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = 1 << 16;
constexpr std::int64_t kNoLimit = -1;
std::atomic<std::int64_t> simulated_room{kNoLimit};

/// How many of `bytes` fit on the simulated disk.
std::size_t take_room(std::size_t bytes) {
  const std::int64_t room = simulated_room.load();
  if (room == kNoLimit) return bytes;
  const std::size_t taken = std::min(bytes, static_cast<std::size_t>(room));
  simulated_room.store(room - static_cast<std::int64_t>(taken));
  return taken;
}

/// Flushes a descriptor; 0 or an error number.
int flush(int descriptor) {
  if (take_room(1) == 0) return ENOSPC;
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string advice(int code, const std::string& path) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return "make the folder " + in_quotes(folder_of(path)) + " first";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a folder that you may write to";
    case ENOSPC:
    case EDQUOT:
      return "free some space; nothing was left behind";
    default:
      return "check the path and the disk";
  }
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path), target_(path) {
  std::error_code ignored;
  // A link stays a link: what it points to is replaced.
  if (fs::is_symlink(path, ignored)) {
    const fs::path followed = fs::weakly_canonical(path, ignored);
    if (!ignored) target_ = followed.string();
  }
  struct stat old{};
  const bool exists = ::stat(target_.c_str(), &old) == 0;
  check(!exists || S_ISREG(old.st_mode), ErrorCode::io, "write",
        "expected the name of a file to write, got {} at {}; choose another name",
        S_ISDIR(old.st_mode) ? "a folder" : "a pipe or device", in_quotes(path));

  buffer_.reserve(kBufferBytes);  // before there is a file that a failure would leave behind
  while (!open()) {
  }
  // A private file stays private. If the mode cannot be kept, the default one serves.
  if (exists && ::fchmod(descriptor_, old.st_mode & 0777) != 0) errno = 0;
}

// False: there is one of that name, or somebody took it away before it was held.
bool AtomicFile::open() {
  static std::atomic<unsigned> counter{0};
  constexpr mode_t kMode = 0666;  // less what the process masks
  temporary_ = fmt::format("{}/.diabolo-{}-{}.tmp", folder_of(target_), ::getpid(), counter++);
  removed_.emplace(temporary_);
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
  if (descriptor_ < 0 && errno == EEXIST) return false;
  if (descriptor_ < 0) refuse(errno);
  // Held until it is in its place: a file that nobody holds was left by a process that was killed,
  // and whoever wants to remove it holds it first. Where there are no locks it works without.
  struct stat here{};
  int held = -1;
  do held = ::flock(descriptor_, LOCK_EX);
  while (held != 0 && errno == EINTR);
  const bool is_there = held != 0 || ::fstat(descriptor_, &here) != 0 || here.st_nlink > 0;
  if (!is_there) ::close(std::exchange(descriptor_, -1));
  return is_there;
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::refuse(int code) const {
  fail(ErrorCode::io, "write", "expected to write {}, got '{}'; {}", in_quotes(path_),
       std::generic_category().message(code), advice(code, target_));
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* from = static_cast<const char*>(data);
  if (buffer_.size() + bytes > kBufferBytes) {
    write_through(buffer_.data(), buffer_.size());
    buffer_.clear();
    if (bytes > kBufferBytes) return write_through(from, bytes);
  }
  buffer_.insert(buffer_.end(), from, from + bytes);
}

void AtomicFile::write_through(const char* data, std::size_t bytes) {
  while (bytes > 0) {
    const std::size_t room = take_room(bytes);
    if (room == 0) refuse(ENOSPC);
    const ssize_t n = ::write(descriptor_, data, room);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) refuse(errno);
    data += n;
    bytes -= static_cast<std::size_t>(n);
  }
}

void AtomicFile::commit(bool flush_to_disk) {
  write_through(buffer_.data(), buffer_.size());
  buffer_.clear();
  if (flush_to_disk) {
    if (const int code = flush(descriptor_)) refuse(code);
  }
  // Some file systems tell only when a file is closed that it could not be written; it is held
  // until it has its name.
  const int held = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
  const int closed = ::close(std::exchange(descriptor_, held));
  if (closed != 0 && errno != EINTR) refuse(errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) refuse(errno);
  temporary_.clear();
  removed_.reset();
  if (held >= 0) ::close(std::exchange(descriptor_, -1));
  if (!flush_to_disk) return;
  flush_name(target_);
}

void flush_name(const std::string& path) {
  const int folder = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

void write_whole(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void flush_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int code = descriptor < 0 ? errno : 0;
  if (code == 0 && take_room(1) == 0) code = ENOSPC;
  if (code == 0 && ::syncfs(descriptor) != 0) code = errno;
  if (descriptor >= 0) ::close(descriptor);
  check(code == 0, ErrorCode::io, "write", "expected to flush {}, got '{}'; {}", in_quotes(folder),
        std::generic_category().message(code), advice(code, folder));
}

SimulatedFullDisk::SimulatedFullDisk(std::int64_t bytes) { simulated_room = bytes; }
SimulatedFullDisk::~SimulatedFullDisk() { simulated_room = kNoLimit; }

}  // namespace diabolo
