// Patterns of missing values in a model file: an object of their bits in hexadecimal, a byte for 8
// dimensions, and how many rows have each. Only for the .cpp files of io.
#pragma once

#include <diabolo/data/holes.h>
#include <nlohmann/json.hpp>

namespace diabolo {

nlohmann::json to_json(const std::vector<HolePattern>& patterns);

/// Throws `corrupt_file` for what is not of rows of `dimensions`.
std::vector<HolePattern> holes_from(const nlohmann::json& json, std::int64_t dimensions,
                                    const std::string& path);

}  // namespace diabolo
