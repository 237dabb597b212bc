#include <diabolo/base/removed_on_signal.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstring>
#include <utility>

namespace diabolo {
namespace {

// A handler may neither lock nor allocate, so paths are copied to where nothing frees them.
struct Slot {
  enum State { free, taken, set };
  std::atomic<State> state{free};
  RemovedOnSignal::What what = RemovedOnSignal::What::name;
  char path[PATH_MAX] = {};
};
static_assert(std::atomic<Slot::State>::is_always_lock_free);
std::array<Slot, 64> slots;

bool remove_name(int folder, const char* name) {
  return ::unlinkat(folder, name, 0) == 0 || ::unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

void remove_content(int parent, const char* name);

bool remove_all(int parent, const char* name) {
  remove_content(parent, name);
  return remove_name(parent, name);
}

// readdir may allocate; getdents64 is what it calls.
void remove_content(int parent, const char* name) {
  const int folder = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  alignas(dirent64) char entries[2048];
  // Once more, as long as that helps: a folder that changes may not tell all that is in it.
  for (bool is_less = true; is_less && ::lseek(folder, 0, SEEK_SET) == 0;) {
    is_less = false;
    for (long bytes = 0; (bytes = ::syscall(SYS_getdents64, folder, entries, sizeof(entries))) > 0;)
      for (long at = 0; at < bytes;) {
        const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
        at += entry->d_reclen;
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
          is_less |= remove_all(folder, entry->d_name);
      }
  }
  ::close(folder);
}

void on_signal(int signal) {
  // What is in a folder came after it, and mostly to a later place.
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
    if (slot->state != Slot::set) continue;
    if (slot->what != RemovedOnSignal::What::name) remove_content(AT_FDCWD, slot->path);
    if (slot->what != RemovedOnSignal::What::content) remove_name(AT_FDCWD, slot->path);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);  // when the handler returns
}

}  // namespace

RemovedOnSignal::RemovedOnSignal(const std::string& path, What what) {
  if (path.size() >= PATH_MAX) return;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    Slot::State expected = Slot::free;
    if (!slots[i].state.compare_exchange_strong(expected, Slot::taken)) continue;
    slots[i].what = what;
    std::memcpy(slots[i].path, path.c_str(), path.size() + 1);
    slots[i].state = Slot::set;
    slot_ = static_cast<int>(i);
    return;
  }
}

RemovedOnSignal::~RemovedOnSignal() {
  if (slot_ >= 0) slots[static_cast<std::size_t>(slot_)].state = Slot::free;
}

RemovedOnSignal::RemovedOnSignal(RemovedOnSignal&& other) noexcept
    : slot_(std::exchange(other.slot_, -1)) {}

RemovedOnSignal& RemovedOnSignal::operator=(RemovedOnSignal&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

void remove_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before{}, action{};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    action.sa_handler = on_signal;
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace diabolo
