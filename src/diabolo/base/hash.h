// 64-bit content hashes (XXH3), for fingerprints of data and row keys of noise in evaluation.
#pragma once

#include <cstddef>
#include <cstdint>

namespace diabolo {

/// XXH3 of `bytes` bytes at `data`. Frozen: part of `numerics: 1`.
std::uint64_t hash64(const void* data, std::size_t bytes, std::uint64_t seed = 0);

}  // namespace diabolo
