// The order of rows, and how a learning rate falls: what all phases of training have in common.
#pragma once

#include <diabolo/base/random.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace diabolo {

template <class T>
void shuffle(std::vector<T>& x, const NoiseSite& site) {
  RandomStream random(site);
  for (std::size_t i = x.size(); i > 1; --i) std::swap(x[i - 1], x[random.below(i)]);
}

/// `rows` in the order of an epoch.
inline std::vector<std::int64_t> order_of(std::vector<std::int64_t> rows, std::uint64_t seed,
                                          std::uint64_t epoch) {
  shuffle(rows, {.seed = seed, .stream = Stream::shuffle, .pass = epoch});
  return rows;
}

/// Rows of step `number` of an epoch. Batches are of equal size, so that no step rests on few rows;
/// where rows that were left out (trim.h) leave fewer rows than steps, some are of two.
inline std::span<const std::int64_t> batch_of(std::span<const std::int64_t> order,
                                              std::int64_t number, std::int64_t steps) {
  const std::int64_t rows = std::ssize(order), begin = number * rows / steps,
                     end = std::max((number + 1) * rows / steps, begin + 1);
  return order.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

inline double falling_to_zero(double rate, std::int64_t step, std::int64_t steps) {
  return rate * (1 - static_cast<double>(step) / static_cast<double>(steps));
}

}  // namespace diabolo
