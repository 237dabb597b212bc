#include <diabolo/base/log.h>
#include <diabolo/base/one_line.h>

#include <mutex>
#include <utility>

namespace diabolo {
namespace {

struct Receiver {
  std::mutex mutex;
  LogCallback callback;
};

Receiver& receiver() {
  static Receiver instance;
  return instance;
}

}  // namespace

void set_log_callback(LogCallback callback) {
  std::lock_guard lock(receiver().mutex);
  receiver().callback = std::move(callback);
}

void log(LogLevel level, std::string_view message) {
  std::lock_guard lock(receiver().mutex);
  if (receiver().callback) receiver().callback(level, one_line(message));
}

}  // namespace diabolo
