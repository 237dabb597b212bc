#include <diabolo/base/nearest.h>
#include <diabolo/base/one_line.h>
#include <diabolo/cli/config.h>
#include <diabolo/data/source.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

namespace diabolo::cli {
namespace {

constexpr std::uint64_t kLargest = 1 << 20;  // bytes of a configuration file
constexpr std::size_t kDeepestKey = 15;      // dots; ours have one

/// A value as the command line would give it; nothing for what cannot stand there.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return text;
  if (const auto whole = node.value_exact<std::int64_t>()) return fmt::format("{}", *whole);
  if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
  const toml::array* array = node.as_array();
  if (!array) return {};
  std::string list;
  for (const toml::node& item : *array) {
    if (item.is_array()) return {};
    const auto text = text_of(item);
    if (!text) return {};
    // Texts are those of an option that may be repeated, numbers are widths.
    if (!list.empty()) list += item.is_string() ? kListSeparator : ',';
    list += *text;
  }
  return list;
}

/// Where the string that begins at `begin` ends: behind its last quote, or at the end of its line
/// or of the text if it has none.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const std::string three(3, quote);
  const bool is_long = text.substr(begin).starts_with(three);
  for (std::size_t i = begin + (is_long ? 3 : 1); i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"')
      ++i;
    else if (is_long ? text.substr(i).starts_with(three) : text[i] == quote || text[i] == '\n')
      return i + (is_long ? 3 : 1);
  }
  return text.size();
}

/// The most dots in a key: a.b.c has two.
std::size_t deepest_key(std::string_view text) {
  std::size_t deepest = 0, dots = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = end_of_string(text, i);
      continue;
    }
    if (c == '#') i = std::min(text.find('\n', i), text.size() - 1);
    if (c == '.') deepest = std::max(deepest, ++dots);
    if (std::string_view("\n=,[{").find(text[i]) != std::string_view::npos) dots = 0;
    ++i;
  }
  return deepest;
}

toml::table parse(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path, kLargest);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  // Each part of a key is a table in a table: the library goes down them by calling itself.
  if (deepest_key(text) > kDeepestKey)
    throw UsageError(fmt::format("expected keys of at most {} parts in {}, got more",
                                 kDeepestKey + 1, in_quotes(path)));
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw UsageError(fmt::format("expected TOML in {}, got an error in line {}: {}",
                                 in_quotes(path), error.source().begin.line,
                                 one_line(error.description())));
  }
}

bool is_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  // Whole numbers beyond 63 bits (seeds) are written as text.
  std::int64_t whole = 0;
  const bool is_whole = text.find_first_not_of("0123456789") == std::string::npos;
  return !is_whole ||
         std::from_chars(text.data(), text.data() + text.size(), whole).ec == std::errc();
}

std::string toml_value(const std::string& name, const std::string& text) {
  if (name.ends_with("hidden")) return "[" + text + "]";
  if (const auto lines = split_list(text); lines.size() > 1) {
    std::string list;
    for (const std::string& line : lines)
      list += (list.empty() ? "" : ", ") + toml_value(name, line);
    return "[" + list + "]";
  }
  // Names and words stay as they are: 1.50 may be a column, or mean missing.
  static const std::set<std::string> words = {"csv",  "query",  "missing",    "kind",
                                              "drop", "schema", "likelihood", "labels"};
  if (is_number(text) && !words.contains(name)) return text;
  std::ostringstream quoted;
  const toml::value<std::string> value(text);
  quoted << toml::toml_formatter(value, toml::format_flags::none);
  return quoted.str();
}

}  // namespace

Values read_config(const std::string& path, const std::vector<std::string>& known) {
  Values values;
  const auto take = [&](const std::string& name, const toml::node& node) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string best = nearest(name, known);
      throw UsageError(fmt::format("expected settings of fit in {}, got {}{}", in_quotes(path),
                                   in_quotes(name),
                                   best.empty() ? "; 'diabolo fit --help' lists them"
                                                : fmt::format("; did you mean '{}'?", best)));
    }
    const auto text = text_of(node);
    if (!text)
      throw UsageError(fmt::format("expected a number, a text or a list for {} in {}, got a {}",
                                   name, in_quotes(path),
                                   node.is_boolean() ? "true or false" : "table or date"));
    values[name] = *text;
  };
  const toml::table table = parse(path);
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (const toml::table* family = node.as_table()) {
      for (const auto& [inner, value] : *family)
        take(inner.str() == "type" ? name : name + "." + std::string(inner.str()), value);
    } else {
      take(name, node);
    }
  }
  return values;
}

void drop_overridden(Values& file, const Values& given) {
  static const std::map<std::string, std::vector<std::string>> overridden = {
      {"model", {"posterior", "prior", "objective", "beta", "kl-limit"}},
      {"beta", {"objective", "kl-limit"}},
      {"kl-limit", {"objective", "beta"}},
      {"objective", {"beta", "kl-limit"}},
      {"hidden", {"encoder.hidden", "decoder.hidden", "decoder-hidden"}},
      {"decoder-hidden", {"decoder.hidden"}},
      {"activation", {"encoder.activation", "decoder.activation"}},
      {"optimizer", {"weight-decay"}},
  };
  const auto drop = [&](const std::string& name, bool itself) {
    std::erase_if(file, [&](const auto& entry) {
      return (itself && entry.first == name) || entry.first.starts_with(name + ".");
    });
  };
  for (const auto& [name, text] : given) {
    const auto same = file.find(name);
    if (same != file.end() && same->second == text) continue;  // nothing changes
    drop(name, true);
    if (const auto known = overridden.find(name); known != overridden.end())
      for (const std::string& other : known->second) drop(other, true);
  }
}

std::string format_config(const Values& settings, const std::vector<std::string>& order) {
  const auto is_table = [&](const std::string& name) {  // a family with settings, or without
    return std::any_of(order.begin(), order.end(),
                       [&](const std::string& other) { return other.starts_with(name + "."); }) ||
           name == "posterior";
  };
  std::string text, tables;
  for (const std::string& name : order) {
    const auto found = settings.find(name);
    if (found == settings.end() || name.find('.') != std::string::npos) continue;
    if (!is_table(name)) {
      text += fmt::format("{} = {}\n", name, toml_value(name, found->second));
      continue;
    }
    tables += fmt::format("\n[{}]\ntype = {}\n", name, toml_value("type", found->second));
    for (const auto& [setting, value] : settings)
      if (setting.starts_with(name + "."))
        tables +=
            fmt::format("{} = {}\n", setting.substr(name.size() + 1), toml_value(setting, value));
  }
  return text + tables;
}

Values as_options(std::map<std::string, std::string> settings) {
  const auto take = [&](const std::string& from, const std::string& to) {
    if (const auto found = settings.find(from); found != settings.end()) {
      settings[to] = found->second;
      settings.erase(from);
    }
  };
  take("encoder.hidden", "hidden");
  take("decoder.hidden", "decoder-hidden");
  take("encoder.activation", "activation");
  if (settings["decoder.activation"] == settings["activation"])
    settings.erase("decoder.activation");
  if (settings["optimizer"] != "adamw") settings.erase("weight-decay");
  std::erase_if(settings, [](const auto& entry) { return entry.second.empty(); });
  return settings;
}

}  // namespace diabolo::cli
