#include <diabolo/base/nearest.h>
#include <diabolo/cli/options.h>
#include <diabolo/data/source.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

namespace diabolo::cli {

std::vector<std::string> split_list(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(separator, begin)) != std::string::npos; begin = end + 1)
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

Options::Options(Page page) : page_(std::move(page)) {}

void Options::argument(std::string name, std::string help, std::string& to) {
  arguments_.push_back({std::move(name), std::move(help), &to, false});
}

void Options::optional_argument(std::string name, std::string help, std::string& to) {
  arguments_.push_back({std::move(name), std::move(help), &to, true});
}

void Options::group(std::string title) { group_ = std::move(title); }

void Options::option(OptionInfo info, Setter set) {
  entries_.push_back({std::move(info), std::move(set), group_});
}

void Options::flag(std::string name, std::string help, bool& to) {
  option({.name = std::move(name), .placeholder = "", .help = std::move(help)},
         [&to](std::string_view, const std::string&) { to = true; });
}

void Options::common(Common& to) {
  group("every verb");
  flag("json", "a machine-readable result on stdout", to.json);
  option({.name = "quiet", .placeholder = "", .help = "nothing on stderr but errors"},
         [&to](std::string_view, const std::string&) {
           to.quiet = true;
           set_quiet(true);
         });
  option({.name = "seed",
          .placeholder = "N",
          .help = "where all randomness comes from",
          .fallback = "0",
          .is_setting = true},
         into(to.seed));
  option({.name = "threads",
          .placeholder = "N",
          .help = "threads at work; 0: the cores this process may use",
          .fallback = "0",
          .is_setting = true},
         into(to.threads, 0, 4096));
  option({.name = "help", .placeholder = "", .help = "this page", .letter = 'h'},
         [](std::string_view, const std::string&) {});
}

const Options::Entry& Options::find(const std::string& name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.info.name == name; });
  ensure(found != entries_.end(), "options", "an option of this verb");
  return *found;
}

void Options::refuse_extra(const std::vector<std::string>& extras) const {
  const std::string advice = fmt::format("see 'diabolo {} --help'", page_.verb);
  for (const std::string& extra : extras) {
    if (!extra.starts_with('-') || extra == "-" || extra == "--") continue;
    const std::string name = extra.substr(0, extra.find('='));
    std::vector<std::string> known;
    for (const Entry& entry : entries_) known.push_back("--" + entry.info.name);
    const std::string best = nearest(name, known);
    throw UsageError(fmt::format("expected an option of {}, got '{}'; {}", page_.verb, name,
                                 best.empty() ? advice : "did you mean '" + best + "'?"));
  }
  std::vector<std::string> names;
  for (const Argument& argument : arguments_) names.push_back(argument.name);
  throw UsageError(fmt::format("expected {} and options, got '{}' beside them; {}",
                               fmt::join(names, ", "), extras.front(), advice));
}

std::optional<Values> Options::collect(std::span<const std::string> arguments) const {
  CLI::App app;
  app.set_help_flag("");
  app.allow_extras();
  for (const Argument& argument : arguments_) app.add_option(argument.name, *argument.to);
  std::map<std::string, std::string> texts;
  std::map<std::string, CLI::Option*> options;
  for (const Entry& entry : entries_) {
    const std::string letter = entry.info.letter ? fmt::format("-{},", entry.info.letter) : "";
    const std::string names = letter + "--" + entry.info.name;
    CLI::Option*& option = options[entry.info.name];
    if (entry.info.placeholder.empty())
      option = app.add_flag(names);
    else if (entry.info.is_list)
      option = app.add_option(names, texts[entry.info.name])
                   ->multi_option_policy(CLI::MultiOptionPolicy::Join)
                   ->delimiter(kListSeparator);
    else
      option = app.add_option(names, texts[entry.info.name])
                   ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ArgumentMismatch&) {  // of an option at the end of the line
    throw UsageError(
        fmt::format("expected a value after {}, got the end of the line; see "
                    "'diabolo {} --help'",
                    arguments.back(), page_.verb));
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("expected the options of {}, got '{}'; see 'diabolo {} --help'",
                                 page_.verb, error.what(), page_.verb));
  }
  if (options["help"]->count() > 0) {
    print(help());
    return std::nullopt;
  }
  if (std::vector<std::string> extras = app.remaining(); !extras.empty()) {
    std::erase(extras, "--");
    if (!extras.empty()) refuse_extra(extras);
  }
  Values values;
  for (const auto& [name, option] : options)
    if (option->count() > 0) values[name] = texts[name];
  return values;
}

void Options::apply(const Values& values, const std::string& file) const {
  for (const auto& [name, text] : values) {
    const Entry& entry = find(name);
    const char letter = entry.info.letter;
    const std::string option = letter ? fmt::format("-{}", letter) : "--" + name;
    entry.set(file.empty() ? option : fmt::format("{} in {}", name, in_quotes(file)), text);
  }
}

void Options::require_arguments() const {
  for (const Argument& argument : arguments_)
    if (argument.to->empty() && !argument.is_optional)
      throw UsageError(fmt::format("expected {}, got none; usage: diabolo {} {}", argument.name,
                                   page_.verb, page_.usage));
}

bool Options::parse(std::span<const std::string> arguments) const {
  const std::optional<Values> values = collect(arguments);
  if (!values) return false;
  apply(*values);
  require_arguments();
  return true;
}

std::vector<std::string> Options::settings() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_)
    if (entry.info.is_setting) names.push_back(entry.info.name);
  return names;
}

}  // namespace diabolo::cli
