// Sizes are signed (std::int64_t); the standard library's indices are not.
#pragma once

#include <cstddef>
#include <cstdint>

namespace diabolo {

inline std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

}  // namespace diabolo
