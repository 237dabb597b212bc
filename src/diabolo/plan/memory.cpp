#include <diabolo/plan/memory.h>
#include <diabolo/tensor/buffer.h>

#include <algorithm>

namespace diabolo::plan {

std::int64_t place_in_arena(std::vector<Lifetime*> arrays) {
  const auto aligned = [](std::int64_t n) {
    constexpr auto a = static_cast<std::int64_t>(kAlignment);
    return (n + a - 1) / a * a;
  };
  std::stable_sort(arrays.begin(), arrays.end(),
                   [](const Lifetime* a, const Lifetime* b) { return a->bytes > b->bytes; });
  std::vector<Lifetime*> placed;  // by offset
  std::int64_t total = 0;
  for (Lifetime* array : arrays) {
    std::int64_t offset = 0;
    for (const Lifetime* other : placed) {
      if (other->last < array->first || array->last < other->first) continue;
      if (offset + array->bytes <= other->offset) break;
      offset = std::max(offset, aligned(other->offset + other->bytes));
    }
    array->offset = offset;
    total = std::max(total, aligned(offset + array->bytes));
    placed.insert(std::upper_bound(
                      placed.begin(), placed.end(), array,
                      [](const Lifetime* a, const Lifetime* b) { return a->offset < b->offset; }),
                  array);
  }
  return total;
}

}  // namespace diabolo::plan
