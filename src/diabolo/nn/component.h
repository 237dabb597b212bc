// Components are what models are composed of: encoders, posteriors, priors, decoders, likelihoods,
// objectives. A component describes its own settings once; the command line, the model file and the
// docs are made from that. A family is an explicit table; a program may add its own entries.
#pragma once

#include <diabolo/base/error.h>
#include <diabolo/base/nearest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace diabolo {

/// A setting's value: a number, or a word.
using Setting = std::variant<double, std::string>;
using Settings = std::map<std::string, Setting>;

/// "0.5" or "learned": as it is written on the command line.
std::string to_string(const Setting& value);

struct SettingInfo {
  std::string name;
  std::string help;
  Setting fallback;                  // the default; a number also tells the type
  double low = 0, high = 0;          // bounds of a number
  std::vector<std::string> words{};  // the words that are allowed beside (or instead of) a number
  bool widths = false;               // instead: whole numbers >= 1, separated by commas
};

/// What a model file and a command line know of a component: its name and its settings.
struct ComponentChoice {
  std::string type;
  Settings settings;

  friend bool operator==(const ComponentChoice&, const ComponentChoice&) = default;
};

/// All settings of `infos`, from `given` or the default. Throws `invalid_argument` for an unknown
/// name (naming the nearest), a value out of bounds or of the wrong kind.
Settings complete(std::string_view component, const std::vector<SettingInfo>& infos,
                  const Settings& given);

/// The value as a number, or `otherwise` if it is a word.
double number(const Settings& settings, const std::string& name, double otherwise = 0);
/// True if the setting holds this word.
bool has_word(const Settings& settings, const std::string& name, std::string_view word);

/// The numbers of a setting of the kind `widths`. Throws `invalid_argument` for anything else.
std::vector<std::int64_t> parse_widths(std::string_view where, const Setting& value);
std::string format_widths(const std::vector<std::int64_t>& widths);

template <class T>
struct ComponentInfo {
  std::string name;
  std::string summary;  // one line, with the paper
  std::vector<SettingInfo> settings;
  std::function<std::unique_ptr<T>(const Settings&)> make;
};

/// A family of components by name.
template <class T>
class ComponentTable {
 public:
  ComponentTable(std::string family, std::vector<ComponentInfo<T>> entries)
      : family_(std::move(family)), entries_(std::move(entries)) {}

  /// Adds an entry; one of the same name is replaced.
  void add(ComponentInfo<T> info) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.name == info.name; });
    entries_.push_back(std::move(info));
  }

  const std::vector<ComponentInfo<T>>& entries() const { return entries_; }
  const std::string& family() const { return family_; }

  /// Throws `unsupported` if there is none of this name, naming the nearest.
  const ComponentInfo<T>& find(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& entry : entries_) {
      if (entry.name == name) return entry;
      names.push_back(entry.name);
    }
    fail(ErrorCode::unsupported, family_, "expected the name of a {}, got '{}'{}", family_, name,
         suggestion(name, names));
  }

  /// The choice with every setting filled in and checked.
  ComponentChoice complete(const ComponentChoice& choice) const {
    return {choice.type,
            diabolo::complete(choice.type, find(choice.type).settings, choice.settings)};
  }

  std::unique_ptr<T> make(const ComponentChoice& choice) const {
    return find(choice.type).make(complete(choice).settings);
  }

 private:
  std::string family_;
  std::vector<ComponentInfo<T>> entries_;
};

}  // namespace diabolo
