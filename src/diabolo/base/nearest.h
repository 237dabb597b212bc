// The nearest known name, for errors about unknown ones.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace diabolo {

/// The candidate with the fewest edits (insert, delete, replace, swap neighbours) from `name`;
/// empty if there is none or all are too far to be meant.
std::string nearest(std::string_view name, std::span<const std::string> candidates);

/// "; did you mean 'relu'?" or "; known are a, b, c".
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace diabolo
