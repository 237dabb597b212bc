// Places for arrays that live from one step to another: an offset in the arena each, so that arrays
// which are alive at the same time do not overlap. Greedy, largest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace diabolo::plan {

struct Lifetime {
  std::int64_t bytes = 0;
  int first = 0, last = 0;  // steps, inclusive
  std::int64_t offset = 0;  // the result, aligned
};

/// Sets the offsets and returns the bytes of the arena.
std::int64_t place_in_arena(std::vector<Lifetime*> arrays);

}  // namespace diabolo::plan
