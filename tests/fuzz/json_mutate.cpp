#include <nlohmann/json.hpp>

#include <algorithm>

#include "mutate.h"

namespace diabolo::fuzz {
namespace {

using Json = nlohmann::ordered_json;

/// Every value within `json`, itself first.
void collect(Json& json, std::vector<Json*>& all) {
  all.push_back(&json);
  if (json.is_structured())
    for (Json& child : json) collect(child, all);
}

Json unlikely_value(Random& random) {
  switch (below(random, 16)) {
    case 0:
      return nullptr;
    case 1:
      return -1;
    case 2:
      return 0;
    case 3:
      return std::uint64_t{1} << 63;
    case 4:
      return (std::int64_t{1} << 53) + 1;
    case 5:
      return 1e300;
    case 6:
      return -1e-300;
    case 7:
      return 0.5;
    case 8:
      return Json::array();
    case 9:
      return Json::object();
    case 10:
      return "";
    case 11:
      return "a\nb\x1b[0m\x7f";
    case 12:
      return std::string(5000, 'x');
    case 13:
      return true;
    case 14:
      return std::int64_t{1} << below(random, 40);
    default:
      return static_cast<double>(below(random, 20));
  }
}

void change(Json& root, Random& random) {
  std::vector<Json*> all;
  collect(root, all);
  Json& at = *all[below(random, all.size())];
  const Json other = *all[below(random, all.size())];
  switch (below(random, 8)) {
    case 0:
      at = unlikely_value(random);
      break;
    case 1:
      at = other;
      break;
    case 2:
      if (at.is_array())
        at.push_back(other);
      else if (at.is_object())
        at["more"] = other;
      break;
    case 3:
      if (at.is_array() && !at.empty()) at.erase(below(random, at.size()));
      if (at.is_object() && !at.empty())
        at.erase(std::next(at.begin(), static_cast<std::ptrdiff_t>(below(random, at.size()))));
      break;
    case 4:
      if (at.is_array() && at.size() > 1)
        std::swap(at[below(random, at.size())], at[below(random, at.size())]);
      else if (at.is_number())
        at = at.get<double>() * (below(random, 2) ? -1 : 1000);
      break;
    case 5:
      if (at.is_number_integer()) at = at.get<std::int64_t>() ^ (1 << below(random, 24));
      if (at.is_string()) {
        std::string text = at.get<std::string>();
        text.insert(below(random, text.size() + 1), 1, "0,:\n\t\"'-.%"[below(random, 10)]);
        at = std::move(text);
      }
      break;
    case 6:  // as deep as it gets
      for (std::size_t i = below(random, 100); i > 0; --i) at = Json::array({std::move(at)});
      break;
    default:
      if (at.is_string() && other.is_string())
        at = other;
      else if (at.is_array())
        at.insert(at.end(), other);
      else
        at = unlikely_value(random);
  }
}

}  // namespace

std::string mutate_json(std::string text, std::size_t most, Random& random) {
  if (below(random, 5) == 0) return mutate_bytes(std::move(text), most);
  try {
    Json json = Json::parse(text);
    for (std::size_t i = 1 + below(random, 2); i > 0; --i) change(json, random);
    std::string changed = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (changed.size() <= most) return changed;
  } catch (const Json::exception&) {
  }
  return mutate_bytes(std::move(text), most);
}

namespace {

std::string length_of(std::size_t n) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(n >> (8 * i) & 255);
  return bytes;
}

/// Changes a text of the metadata as the JSON that it is.
std::string change_description(const std::string& header, std::size_t most, Random& random) {
  Json json = Json::parse(header);
  Json& metadata = json.at("__metadata__");
  const char* key = metadata.contains("training") && below(random, 2) ? "training" : "diabolo";
  metadata.at(key) = mutate_json(metadata.at(key).get<std::string>(), most, random);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string mutate_safetensors(std::string file, std::size_t most, Random& random) {
  constexpr std::size_t kLength = 8;
  if (file.size() < kLength || below(random, 8) == 0) return mutate_bytes(std::move(file), most);
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLength; ++i)
    length |= std::size_t{static_cast<unsigned char>(file[i])} << (8 * i);
  length = std::min(length, file.size() - kLength);
  std::string header = file.substr(kLength, length), data = file.substr(kLength + length);
  try {
    switch (below(random, 8)) {
      case 0:
        data = mutate_bytes(std::move(data), most - std::min(most, header.size()));
        break;
      case 1:
        header = mutate_bytes(std::move(header), most);
        break;
      case 2:
        header = mutate_json(std::move(header), most, random);
        break;
      default:
        header = change_description(header, most, random);
    }
  } catch (const Json::exception&) {
    header = mutate_bytes(std::move(header), most);
  }
  return length_of(header.size()) + header + data;
}

}  // namespace diabolo::fuzz
