// The lattice that the numbers of a column lie on: fixed decimals, whole numbers, whole multiples
// of 10 or 1000, days, hours, ... Found in one pass: a value can only make it finer or end it.
#pragma once

#include <diabolo/data/table.h>

#include <cmath>
#include <span>

namespace diabolo {

inline constexpr int kMostDecimals = 6;

class LatticeFinder {
 public:
  explicit LatticeFinder(const Field& field);
  void add(std::span<const double> values);
  /// The most decimals of any value, 0 for whole numbers; -1 if some value has more than 6 (or as
  /// many as its type can tell apart). Dates and times: 0 if they are whole seconds.
  int decimals() const { return decimals_; }
  /// The largest number that all values are whole multiples of: 10^-decimals, or more if all are
  /// whole; 0 without a lattice, or if all are 0. Dates and times: a day, an hour, a minute or a
  /// second.
  double step() const;

 private:
  bool has_decimals(double x, int decimals) const;

  bool time_, single_;  // a date or time; a float of 32 bits
  int decimals_ = 0;
  double divisor_ = 0;  // the greatest common one while all values are whole
};

}  // namespace diabolo
