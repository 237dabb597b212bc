// What the page is told, as JSON: numbers as they are, long lists of numbers as base64 of
// little-endian arrays, which a browser takes as they stand. Only for .cpp files of this layer and
// those after it.
#pragma once

#include <diabolo/data/picture.h>
#include <diabolo/data/png.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

namespace diabolo {

using Json = nlohmann::ordered_json;

std::string base64(std::span<const std::uint8_t> bytes);

/// {"f32": base64}: NaN is a missing value.
Json packed_floats(std::span<const double> values);
/// {"f64": base64}, for times.
Json packed_doubles(std::span<const double> values);
/// {"u16": base64, "low": ..., "high": ...}: 65,536 steps of the range, for places on a chart.
Json packed_places(std::span<const double> values);
/// {"u8" or "u16": base64}: levels; NaN is the largest number.
Json packed_levels(std::span<const double> values, std::size_t levels);
/// {"u32": base64}
Json packed_numbers(std::span<const std::int64_t> values);

/// As an <img> takes it.
std::string png_address(const Picture& picture, PngSearch search = PngSearch::thorough);

/// NaN and infinity are null.
Json number(double x);
Json numbers(std::span<const double> values);

/// As it may stand in a <script> element whatever its texts hold: no '<', '>', '&' and no line
/// separators of Unicode.
std::string script_text(const Json& json);

}  // namespace diabolo
