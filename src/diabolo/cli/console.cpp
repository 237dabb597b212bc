#include <diabolo/base/error.h>
#include <diabolo/base/one_line.h>
#include <diabolo/cli/console.h>
#include <diabolo/data/standard_output.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace diabolo::cli {
namespace {

bool is_quiet = false;
bool status_shown = false;

// What cannot be said (a full disk behind stderr, a closed one) must not end the work.
void put(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

/// The first `width` characters that can be seen; colours are not.
std::string cut(std::string_view line, std::size_t width) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      const std::size_t end = std::min(line.find('m', i), line.size() - 1);
      text += line.substr(i, end - i + 1);
      i = end;
    } else if (width > 0) {
      text += line[i];
      --width;
    }
  }
  return text;
}

void clear_status() {
  if (status_shown) put("\r\x1b[K");
  status_shown = false;
}

void write_line(std::string_view prefix, std::string_view line) {
  clear_status();
  put(fmt::format("{}{}\n", prefix, one_line(line)));
}

}  // namespace

void print(std::string_view text) {
  write_to_standard_output(text);
  flush_standard_output();
}

void print_json(const Json& object) {
  print(object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void set_quiet(bool quiet) { is_quiet = quiet; }

// A log callback may come before the options are known; what is said then is not lost.
void say(std::string_view line) {
  if (!is_quiet) write_line("", line);
}

void warn(std::string_view line) {
  if (!is_quiet) write_line("diabolo: warning: ", line);
}

void say_error(std::string_view line) { write_line("diabolo: ", line); }

bool has_colour() {
  const char* no = std::getenv("NO_COLOR");
  return has_status() && (!no || *no == '\0');
}

std::size_t terminal_width() {
  winsize window{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1;
  return known ? window.ws_col : 80u;
}

bool has_status() {
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal && std::string_view(terminal) == "dumb";
  return !is_quiet && !is_dumb && ::isatty(STDERR_FILENO) == 1;
}

void status(std::string_view line) {
  if (!has_status()) return;
  if (line.empty()) return clear_status();
  put(fmt::format("\r{}\x1b[K", cut(line, terminal_width() - 1)));
  status_shown = true;
}

void say_lines(const std::string& text) {
  if (is_quiet) return;
  clear_status();
  put(text + "\n");
}

std::string shell_word(std::string_view text) {
  const bool plain =
      !text.empty() &&
      text.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+=@%") == text.npos;
  if (plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string grouped(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, 1, ',');
  return digits;
}

std::string counted(std::int64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string clock_time(double seconds) {
  constexpr double kMost = 360000;
  if (!(seconds < kMost)) return "100 h or more";
  const auto s = static_cast<int>(std::lround(seconds));
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace diabolo::cli
