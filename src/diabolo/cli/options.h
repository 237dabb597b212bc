// The options of one verb: declared once, and from that parsed (by CLI11), checked, explained by
// --help, and read from a configuration file.
#pragma once

#include <diabolo/base/error.h>
#include <diabolo/cli/console.h>

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo::cli {

/// What --help says around the options.
struct Page {
  std::string verb;     // "encode"
  std::string purpose;  // one line
  std::string usage;    // "MODEL DATA [-o OUT] [options]"
  std::string details;  // paragraphs, perhaps none
  std::string example;  // commands with real file names and what they leave
};

/// Takes the text that was given. `label` names the option in errors: "--epochs", or "epochs in
/// 'run.toml'". Throws UsageError.
using Setter = std::function<void(std::string_view label, const std::string& text)>;

struct OptionInfo {
  std::string name;         // without dashes
  std::string placeholder;  // of its value; empty: a flag
  std::string help;
  std::string fallback = {};  // the default, in words
  char letter = 0;            // its short name
  bool is_setting = false;    // may stand in a configuration file
  bool is_list = false;       // may be given more than once; then see kListSeparator
};

/// Between the texts of an option that was given more than once. No text has it: names and values
/// of a table may have lines.
inline constexpr char kListSeparator = '\x1f';

/// Texts by option, as they were given.
using Values = std::map<std::string, std::string>;

/// The texts of an option that may be given more than once, or the parts of a text.
std::vector<std::string> split_list(const std::string& text, char separator = kListSeparator);

/// What every verb has.
struct Common {
  bool json = false;
  bool quiet = false;
  std::uint64_t seed = 0;
  int threads = 0;
};

class Options {
 public:
  explicit Options(Page page);

  /// A value without a name, like MODEL; all must be given.
  void argument(std::string name, std::string help, std::string& to);
  /// The same for one that may be left out.
  void optional_argument(std::string name, std::string help, std::string& to);
  /// A heading for the options that follow.
  void group(std::string title);
  void option(OptionInfo info, Setter set);
  void flag(std::string name, std::string help, bool& to);
  /// --json, --quiet, --seed, --threads, and -h.
  void common(Common& to);

  /// Texts given in `arguments`, nothing set but --json and the like. Prints the page and returns
  /// nothing for --help. Throws UsageError for unknown options (naming the nearest).
  std::optional<Values> collect(std::span<const std::string> arguments) const;
  /// Sets the options. `file` is where the values come from, if not from the command line.
  void apply(const Values& values, const std::string& file = "") const;
  /// Throws UsageError unless all arguments were given.
  void require_arguments() const;
  /// All three. False: --help was asked for and answered.
  bool parse(std::span<const std::string> arguments) const;

  /// Names of the options that a configuration file may set.
  std::vector<std::string> settings() const;
  std::string help() const;

 private:
  struct Entry {
    OptionInfo info;
    Setter set;
    std::string group;
  };
  struct Argument {
    std::string name, help;
    std::string* to;
    bool is_optional = false;
  };
  const Entry& find(const std::string& name) const;
  [[noreturn]] void refuse_extra(const std::vector<std::string>& extras) const;

  Page page_;
  std::string group_ = "options";
  std::vector<Entry> entries_;
  std::vector<Argument> arguments_;
};

/// Setters that check what they take; `low` and `high` are inclusive.
Setter into(std::string& to);
Setter into(std::int64_t& to, std::int64_t low, std::int64_t high);
Setter into(int& to, int low, int high);
Setter into(std::uint64_t& to);
Setter into(double& to);
Setter into(std::optional<std::int64_t>& to, std::int64_t low = 1);
Setter into(std::optional<std::string>& to);
Setter into(std::optional<double>& to);
/// A time in seconds: 90, 90s, 1.5m, 2h.
Setter into_seconds(double& to);
/// A number, or the word auto: then it is empty.
Setter or_auto(std::optional<double>& to);
/// Whole numbers separated by commas.
Setter into(std::vector<std::int64_t>& to);
/// One of some words.
Setter into(std::string& to, std::vector<std::string> words);

/// A finite number, or nothing if `text` is no number at all. Throws UsageError for nan, 1e999.
std::optional<double> parse_number(std::string_view label, const std::string& text);

/// Runs `f`; what it throws as Error is wrong usage: it has seen options only.
template <class F>
void as_usage(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    throw UsageError(error.message());
  }
}

}  // namespace diabolo::cli
