#include <diabolo/base/error.h>
#include <diabolo/cli/console.h>
#include <diabolo/cli/folder_lock.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/source.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace diabolo::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_use(const std::string& path, int code) {
  fail(ErrorCode::io, "run", "expected to use the folder {}, got '{}'; check the path and the disk",
       in_quotes(path), std::generic_category().message(code));
}

}  // namespace

FolderLock::FolderLock(const std::string& path) {
  try {
    // Whoever made the folder may take it away between our opening and locking it.
    while (!open(path)) {
    }
  } catch (...) {
    take_away();
    throw;
  }
}

FolderLock::~FolderLock() { take_away(); }

// False: another one is in its place.
bool FolderLock::open(const std::string& path) {
  make(path);
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0 && errno == ENOENT) return false;
  if (descriptor_ < 0) cannot_use(path, errno);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const bool is_used = errno == EWOULDBLOCK;
    if (is_used) made_.clear();  // it is another's
    check(!is_used, ErrorCode::io, "run",
          "expected a folder that no other fit is writing to, got one in use at {}; wait for it, "
          "or choose another",
          in_quotes(path));
    // Some network file systems cannot lock a folder.
    warn(fmt::format("{} cannot be locked: let no other fit write there", in_quotes(path)));
  }
  struct stat here{}, now{};
  const bool same = ::fstat(descriptor_, &here) == 0 && ::stat(path.c_str(), &now) == 0 &&
                    here.st_ino == now.st_ino && here.st_dev == now.st_dev;
  if (!same) ::close(std::exchange(descriptor_, -1));
  return same;
}

void FolderLock::make(const std::string& path) {
  std::error_code error;
  std::vector<std::string> missing;
  for (fs::path at = path; !at.empty() && !fs::exists(at, error); at = at.parent_path())
    missing.insert(missing.begin(), at.string());
  fs::create_directories(path, error);
  if (error) cannot_use(path, error.value());
  for (const std::string& folder : missing) {
    if (std::ranges::find(made_, folder, &Made::folder) == made_.end())
      made_.push_back({folder, RemovedOnSignal(folder)});
    flush_name(folder);
  }
}

void FolderLock::take_away() {
  // Only empty folders go.
  for (auto made = made_.rbegin(); made != made_.rend(); ++made) ::rmdir(made->folder.c_str());
  made_.clear();
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

}  // namespace diabolo::cli
