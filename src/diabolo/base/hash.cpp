#define XXH_INLINE_ALL
#include <diabolo/base/hash.h>

#include <xxhash.h>

namespace diabolo {

std::uint64_t hash64(const void* data, std::size_t bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data, bytes, seed);
}

}  // namespace diabolo
