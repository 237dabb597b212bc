// What the command says: results on stdout, everything else on stderr, one line at a time.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace diabolo::cli {

using Json = nlohmann::ordered_json;

/// Wrong usage: exit code 2. What cannot be right whatever the files hold.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes to stdout and flushes it. Throws OutputClosed (the command ends quietly with exit code
/// 1), or Error `io` (a full disk).
void print(std::string_view text);
/// One JSON object and a newline; NaN and infinity become null.
void print_json(const Json& object);

/// No words on stderr but errors.
void set_quiet(bool quiet);
/// A line on stderr, unless quiet.
void say(std::string_view line);
/// `diabolo: warning: ...`, unless quiet.
void warn(std::string_view line);
/// `diabolo: ...`, always.
void say_error(std::string_view line);

/// True if status() can be seen: stderr is a terminal that can change a line, and not quiet.
bool has_status();
/// True if that may have colours: not with NO_COLOR (no-color.org).
bool has_colour();
/// In characters; 80 if it is not known.
std::size_t terminal_width();
/// Replaces the line at the bottom of the terminal; an empty one removes it.
void status(std::string_view line);

/// As a shell takes it for one word: quoted if it must be.
std::string shell_word(std::string_view text);

/// Several lines for a person, as they are, unless quiet.
void say_lines(const std::string& text);

/// 60000 as "60,000".
std::string grouped(std::int64_t number);
/// "1 epoch", "20 epochs".
std::string counted(std::int64_t number, std::string_view what);
/// 83 s as "1:23".
std::string clock_time(double seconds);

}  // namespace diabolo::cli
