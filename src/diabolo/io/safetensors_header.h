// The JSON header of a safetensors file as plain values, and back. What it claims is not compared
// with the file here; see safetensors.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

inline constexpr std::string_view kSafetensors = "safetensors";  ///< where errors come from

struct TensorEntry {
  std::string name;
  std::string type;                  ///< "F32", ...: any text
  std::vector<std::uint64_t> shape;  ///< at most kMaxRank numbers
  std::uint64_t begin = 0;           ///< offsets in the data
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<TensorEntry> entries;  ///< as they stand; names differ
};

/// `text` begins with '{'; `file` is its file in messages. Throws `corrupt_file`; `unsupported` for
/// too many dimensions.
SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& file);

/// The metadata by key, then the entries in their order, without spaces.
/// Throws `invalid_argument` for what is not UTF-8.
std::string format_safetensors_header(const SafetensorsHeader& header);

}  // namespace diabolo
