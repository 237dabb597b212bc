// The keys of a JSON object, each asked for by type: what is wrong is said in one line with the
// column, the key and the file. Only for the .cpp files of schemas.
#pragma once

#include <diabolo/base/error.h>
#include <diabolo/base/nearest.h>
#include <diabolo/data/source.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace diabolo {

using SchemaJson = nlohmann::ordered_json;

class SchemaKeys {
 public:
  /// `owner` is how messages call the object: "column 'age'", "the schema".
  SchemaKeys(const SchemaJson& object, std::string owner, std::string_view where, ErrorCode code,
             const std::vector<std::string>& known)
      : object_(object), owner_(std::move(owner)), where_(where), code_(code) {
    if (!object.is_object())
      fail(code_, "schema", "expected {} to be an object {{...}} in {}, got {}", owner_,
           in_quotes(where_), shown(object));
    for (const auto& [key, value] : object.items())
      if (std::find(known.begin(), known.end(), key) == known.end())
        fail(code_, "schema", "expected a key of {} in {}, got {}{}", owner_, in_quotes(where_),
             in_quotes(key), suggestion(key, known));
  }

  bool has(const char* key) const { return object_.contains(key); }
  const SchemaJson& at(const char* key) const {
    const auto entry = object_.find(key);
    if (entry == object_.end())
      fail(code_, "schema", "expected {} to have the key '{}' in {}, got none", owner_, key,
           in_quotes(where_));
    return *entry;
  }

  std::string text(const char* key) const {
    if (!at(key).is_string()) refuse(key, "a text");
    return at(key).get<std::string>();
  }
  bool truth(const char* key) const {
    if (!at(key).is_boolean()) refuse(key, "true or false");
    return at(key).get<bool>();
  }
  std::int64_t whole(const char* key, std::int64_t least, std::int64_t most) const {
    const SchemaJson& value = at(key);
    const bool fits = value.is_number_integer() &&
                      !(value.is_number_unsigned() && value.get<std::uint64_t>() > 1ull << 62) &&
                      value.get<std::int64_t>() >= least && value.get<std::int64_t>() <= most;
    if (!fits) refuse(key, fmt::format("a whole number from {} to {}", least, most));
    return value.get<std::int64_t>();
  }
  double number(const char* key) const {
    if (!is_finite(at(key))) refuse(key, "a number");
    return at(key).get<double>();
  }
  std::vector<double> numbers(const char* key) const {
    std::vector<double> result;
    for (const SchemaJson& value : array(key, "numbers")) {
      if (!is_finite(value)) refuse(key, "a list of numbers");
      result.push_back(value.get<double>());
    }
    return result;
  }
  std::vector<std::int64_t> wholes(const char* key) const {
    std::vector<std::int64_t> result;
    for (const SchemaJson& value : array(key, "whole numbers from 0")) {
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 1ull << 62)
        refuse(key, "a list of whole numbers from 0");
      result.push_back(value.get<std::int64_t>());
    }
    return result;
  }
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> result;
    for (const SchemaJson& value : array(key, "texts")) {
      if (!value.is_string()) refuse(key, "a list of texts");
      result.push_back(value.get<std::string>());
    }
    return result;
  }

  [[noreturn]] void refuse(const char* key, const std::string& expected) const {
    fail(code_, "schema", "expected {} for the key '{}' of {} in {}, got {}; correct it", expected,
         key, owner_, in_quotes(where_), shown(at(key)));
  }
  void require(bool holds, const char* key, const std::string& expected) const {
    if (!holds) refuse(key, expected);
  }

 private:
  const SchemaJson& array(const char* key, const char* of) const {
    if (!at(key).is_array()) refuse(key, fmt::format("a list of {}", of));
    return at(key);
  }
  static bool is_finite(const SchemaJson& value) {
    return value.is_number() && std::isfinite(value.get<double>());
  }
  /// The value in at most a few words.
  static std::string shown(const SchemaJson& value) {
    if (value.is_array()) return fmt::format("a list of {}", value.size());
    if (value.is_object()) return "an object";
    if (value.is_string()) return in_quotes(value.get<std::string>());
    return value.dump();
  }

  const SchemaJson& object_;
  std::string owner_, where_;
  ErrorCode code_;
};

}  // namespace diabolo
