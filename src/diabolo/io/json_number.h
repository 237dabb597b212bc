// JSON of our files, which is not to be trusted. Only for .cpp files.
//
// Numbers: JSON knows no NaN and no infinity, so null stands for them; and a number that must be
// whole may be 1e300, whose conversion is undefined. What cannot be is thrown as the library's own
// exception, as its `at` and `get` do.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <string_view>

namespace diabolo {

inline constexpr int kDeepestJson = 16;                                 // our files have six levels
inline constexpr std::int64_t kMostJsonValues = std::int64_t{1} << 22;  // 16 bytes and more each

[[noreturn]] inline void refuse_json(const std::string& what) {
  throw nlohmann::json::other_error::create(0, what, static_cast<const nlohmann::json*>(nullptr));
}

/// Counts what a parser finds: called for each event, with the depth that it stands at. Copying and
/// writing a value go down it by recursion, so that it must not be too deep.
class JsonBounds {
 public:
  void look(int depth) {
    if (depth > kDeepestJson) refuse_json("more lists within lists than any of our files has");
    if (++values_ > kMostJsonValues) refuse_json("more values than any of our files has");
  }

 private:
  std::int64_t values_ = 0;
};

/// Throws the library's exceptions.
inline nlohmann::json parse_json(std::string_view text) {
  JsonBounds bounds;
  return nlohmann::json::parse(text, [&](int depth, auto, const nlohmann::json&) {
    bounds.look(depth);
    return true;
  });
}

inline nlohmann::json finite_or_null(double x) {
  return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json();
}

inline double number_or(const nlohmann::json& x, double fallback) {
  return x.is_null() ? fallback : x.get<double>();
}

inline double number_or_nan(const nlohmann::json& x) {
  return number_or(x, std::numeric_limits<double>::quiet_NaN());
}

inline std::int64_t whole_number(const nlohmann::json& x) {
  const bool fits =
      x.is_number_integer() && !(x.is_number_unsigned() &&
                                 x.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max());
  if (!fits) refuse_json("expected a whole number of 64 bits");
  return x.get<std::int64_t>();
}

}  // namespace diabolo
