#include <diabolo/data/source.h>
#include <diabolo/io/holes_json.h>
#include <diabolo/io/json_number.h>

#include <algorithm>
#include <charconv>

namespace diabolo {
namespace {

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

/// Empty for what is no such text.
std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 2 <= text.size(); i += 2) {
    unsigned byte = 0;
    const char* const end = text.data() + i + 2;
    const auto [at, error] = std::from_chars(text.data() + i, end, byte, 16);
    if (error != std::errc() || at != end) return "";
    bytes += static_cast<char>(byte);
  }
  return text.size() % 2 == 0 ? bytes : "";
}

}  // namespace

nlohmann::json to_json(const std::vector<HolePattern>& patterns) {
  nlohmann::json json = nlohmann::json::object();
  for (const HolePattern& pattern : patterns) json[to_hex(pattern.missing)] = pattern.rows;
  return json;
}

std::vector<HolePattern> holes_from(const nlohmann::json& json, std::int64_t dimensions,
                                    const std::string& path) {
  std::vector<HolePattern> patterns;
  if (json.is_null()) return patterns;  // of a file from before they were kept
  const auto bytes = static_cast<std::size_t>((dimensions + 7) / 8);
  std::int64_t rows = 0;
  for (const auto& [hex, count] : json.items()) {
    patterns.push_back({from_hex(hex), whole_number(count)});
    const HolePattern& pattern = patterns.back();
    check(pattern.missing.size() == bytes && pattern.rows >= 1 && pattern.rows <= kHoleRows &&
              (rows += pattern.rows) <= kHoleRows,
          ErrorCode::corrupt_file, "model",
          "expected patterns of missing values for rows of {} numbers, got {} rows of {} in '{}'",
          dimensions, pattern.rows, in_quotes(hex), path);
  }
  std::sort(patterns.begin(), patterns.end(),
            [](const HolePattern& a, const HolePattern& b) { return a.missing < b.missing; });
  return patterns;
}

}  // namespace diabolo
