// Mean and central moments up to the fourth in one pass: exact two-pass sums for each block, blocks
// merged by the formulae of Pebay (2008, "Formulas for robust, one-pass parallel computation of
// covariances and arbitrary-order statistical moments"). Values far from 0 lose nothing.
#pragma once

#include <cstdint>
#include <span>

namespace diabolo {

struct Moments {
  std::int64_t count = 0;
  double mean = 0;
  double m2 = 0, m3 = 0, m4 = 0;  // sums of powers of the distance from the mean

  void add(std::span<const double> values);
  double standard_deviation() const;
  double skewness() const;         ///< 0 for a column of one value
  double excess_kurtosis() const;  ///< 0 for a normal distribution, and for a column of one value
};

}  // namespace diabolo
