// Texts of the command line become numbers and words, or one clear line.
#include <diabolo/base/nearest.h>
#include <diabolo/cli/options.h>
#include <diabolo/nn/component.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

namespace diabolo::cli {
namespace {

template <class T>
T parse_whole(std::string_view label, const std::string& text, T low, T high) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool done = error == std::errc() && end == text.data() + text.size();
  if (done && value >= low && value <= high) return value;
  std::string range;
  if (low != std::numeric_limits<T>::min() || low == 0) range = fmt::format(" from {}", low);
  if (high != std::numeric_limits<T>::max()) range += fmt::format(" to {}", high);
  throw UsageError(fmt::format("expected a whole number{} for {}, got '{}'", range, label, text));
}

template <class T>
constexpr T kMost = std::numeric_limits<T>::max();

double require_number(std::string_view label, const std::string& text) {
  const std::optional<double> value = parse_number(label, text);
  if (!value) throw UsageError(fmt::format("expected a number for {}, got '{}'", label, text));
  return *value;
}

}  // namespace

std::optional<double> parse_number(std::string_view label, const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return {};
  if (error != std::errc() || !std::isfinite(value))
    throw UsageError(fmt::format("expected a finite number for {}, got '{}'", label, text));
  return value;
}

Setter into(std::string& to) {
  return [&to](std::string_view label, const std::string& text) {
    if (text.empty()) throw UsageError(fmt::format("expected a value for {}, got ''", label));
    to = text;
  };
}

Setter into(std::optional<std::string>& to) {
  return [&to](std::string_view label, const std::string& text) {
    if (text.empty()) throw UsageError(fmt::format("expected a value for {}, got ''", label));
    to = text;
  };
}

Setter into(std::int64_t& to, std::int64_t low, std::int64_t high) {
  return [&to, low, high](std::string_view label, const std::string& text) {
    to = parse_whole<std::int64_t>(label, text, low, high);
  };
}

Setter into(int& to, int low, int high) {
  return [&to, low, high](std::string_view label, const std::string& text) {
    to = parse_whole<int>(label, text, low, high);
  };
}

Setter into(std::uint64_t& to) {
  return [&to](std::string_view label, const std::string& text) {
    to = parse_whole<std::uint64_t>(label, text, 0, kMost<std::uint64_t>);
  };
}

Setter into(double& to) {
  return
      [&to](std::string_view label, const std::string& text) { to = require_number(label, text); };
}

Setter into(std::optional<std::int64_t>& to, std::int64_t low) {
  return [&to, low](std::string_view label, const std::string& text) {
    to = parse_whole<std::int64_t>(label, text, low, kMost<std::int64_t>);
  };
}

Setter into(std::optional<double>& to) {
  return
      [&to](std::string_view label, const std::string& text) { to = require_number(label, text); };
}

Setter into_seconds(double& to) {
  return [&to](std::string_view label, const std::string& text) {
    static const std::map<char, double> units = {{'s', 1}, {'m', 60}, {'h', 3600}};
    const auto unit = text.empty() ? units.end() : units.find(text.back());
    const std::string number = unit == units.end() ? text : text.substr(0, text.size() - 1);
    const std::optional<double> value = parse_number(label, number);
    if (!value || *value < 0)
      throw UsageError(
          fmt::format("expected a time like 60s, 5m or 1h for {}, got '{}'", label, text));
    to = *value * (unit == units.end() ? 1 : unit->second);
  };
}

Setter or_auto(std::optional<double>& to) {
  return [&to](std::string_view label, const std::string& text) {
    if (text == "auto") {
      to.reset();
      return;
    }
    to = parse_number(label, text);
    if (!to)
      throw UsageError(fmt::format("expected a number or auto for {}, got '{}'", label, text));
  };
}

Setter into(std::vector<std::int64_t>& to) {
  return [&to](std::string_view label, const std::string& text) {
    try {
      to = parse_widths("widths", text);
    } catch (const Error&) {
      throw UsageError(
          fmt::format("expected whole numbers from 1 to {} separated by commas for {}, got '{}'",
                      1 << 20, label, text));
    }
  };
}

Setter into(std::string& to, std::vector<std::string> words) {
  return [&to, words = std::move(words)](std::string_view label, const std::string& text) {
    if (std::find(words.begin(), words.end(), text) == words.end())
      throw UsageError(fmt::format("expected {} for {}, got '{}'{}", fmt::join(words, ", "), label,
                                   text, suggestion(text, words)));
    to = text;
  };
}

}  // namespace diabolo::cli
