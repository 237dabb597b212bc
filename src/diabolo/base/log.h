// Messages from the library: it never prints. Whoever uses it says where its words go.
#pragma once

#include <functional>
#include <string_view>

namespace diabolo {

enum class LogLevel { info, warning };

using LogCallback = std::function<void(LogLevel, std::string_view)>;

/// Sets the receiver of all messages of this process (default: none, messages are dropped).
/// Thread-safe; the callback may be called from any thread, one call at a time.
void set_log_callback(LogCallback callback);

/// Hands `message` to the receiver, if there is one.
void log(LogLevel level, std::string_view message);

}  // namespace diabolo
