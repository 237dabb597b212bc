#include <diabolo/data/lattice.h>

#include <array>

namespace diabolo {
namespace {

constexpr std::array kPowers{1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

// A number of so many units is next to others of the same decimals by chance: no lattice is seen.
constexpr double kMostUnits = 281474976710656;  // 2^48
constexpr double kMostUnitsSingle = 1048576;    // 2^20
constexpr double kWhole = 9007199254740992;     // 2^53: beyond it remainders mean nothing

double common_divisor(double a, double b) {
  while (b != 0) {
    const double rest = std::fmod(a, b);
    a = b;
    b = rest;
  }
  return a;
}

}  // namespace

LatticeFinder::LatticeFinder(const Field& field)
    : time_(field.type == ColumnType::date || field.type == ColumnType::time ||
            field.type == ColumnType::timestamp),
      single_(field.sql_type == "FLOAT") {}

// The shortest text that reads as x has at most so many decimals.
bool LatticeFinder::has_decimals(double x, int decimals) const {
  const double power = kPowers[static_cast<std::size_t>(decimals)];
  const double units = std::nearbyint(x * power);
  if (decimals == 0) return units == x;
  if (!single_) return std::abs(units) <= kMostUnits && units / power == x;
  return std::abs(units) <= kMostUnitsSingle &&
         static_cast<float>(units / power) == static_cast<float>(x);
}

void LatticeFinder::add(std::span<const double> values) {
  for (const double x : values) {
    if (decimals_ < 0) return;
    while (!has_decimals(x, decimals_)) {
      decimals_ = time_ || decimals_ == kMostDecimals ? -1 : decimals_ + 1;
      if (decimals_ < 0) return;
    }
    if (decimals_ > 0 || divisor_ == 1) continue;
    const double size = std::abs(x);
    if (size > kWhole)
      divisor_ = 1;
    else if (divisor_ == 0)
      divisor_ = size;
    else if (std::fmod(size, divisor_) != 0)
      divisor_ = common_divisor(divisor_, size);
  }
}

double LatticeFinder::step() const {
  if (decimals_ < 0) return 0;
  if (decimals_ > 0) return 1 / kPowers[static_cast<std::size_t>(decimals_)];
  if (!time_) return divisor_;
  for (const double unit : {86400.0, 3600.0, 60.0})
    if (std::fmod(divisor_, unit) == 0) return unit;
  return 1;
}

}  // namespace diabolo
