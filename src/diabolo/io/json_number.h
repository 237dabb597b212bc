// Numbers in the JSON of our files, which knows no NaN and no infinity: null stands for them. Only
// for .cpp files.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace diabolo {

inline nlohmann::json finite_or_null(double x) {
  return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json();
}

inline double number_or(const nlohmann::json& x, double fallback) {
  return x.is_null() ? fallback : x.get<double>();
}

inline double number_or_nan(const nlohmann::json& x) {
  return number_or(x, std::numeric_limits<double>::quiet_NaN());
}

}  // namespace diabolo
