// Counter-based random numbers: Philox4x32-10 (Salmon et al., 2011, "Parallel random numbers: as
// easy as 1, 2, 3"). A number is a pure function of where it is used, so results depend on neither
// threads, batches nor hardware.
//
// The layout is frozen (it is part of the file format, `numerics: 1`):
//   key     = seed + pass * 0x9E3779B97F4A7C15 (mod 2^64), low word first
//   counter = [row low, row high, draw, stream << 24 | column / 4]
//   column c takes word c % 4 of the block.
// For one seed, distinct (stream, pass, row, draw, column) never meet the same block and word.
#pragma once

#include <diabolo/base/inline.h>

#include <array>
#include <cstdint>

namespace diabolo {

/// Named streams never overlap. Values are frozen.
enum class Stream : std::uint32_t {
  init = 0,
  shuffle = 1,
  binarize = 2,
  train = 3,
  eval = 4,
  sample = 5,
  likelihood = 6,
  split = 7,
  mixture = 8,
  complete = 9,
  holes = 10,
};

inline constexpr std::uint64_t kPassStep = 0x9E3779B97F4A7C15ull;

/// Columns a noise row may have: 2^24 blocks of four.
inline constexpr std::int64_t kMaxNoiseColumns = std::int64_t{1} << 26;

DIABOLO_INLINE std::uint64_t philox_key(std::uint64_t seed, std::uint64_t pass) {
  return seed + pass * kPassStep;
}

/// One block: four words from a 128-bit counter and a 64-bit key. In place.
DIABOLO_INLINE void philox4x32(std::uint32_t& c0, std::uint32_t& c1, std::uint32_t& c2,
                               std::uint32_t& c3, std::uint64_t key) {
  std::uint32_t k0 = static_cast<std::uint32_t>(key);
  std::uint32_t k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = 0xD2511F53ull * c0;
    const std::uint64_t p1 = 0xCD9E8D57ull * c2;
    const std::uint32_t n0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    const std::uint32_t n2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<std::uint32_t>(p1);
    c3 = static_cast<std::uint32_t>(p0);
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

/// Where a random number is used.
struct NoiseSite {
  std::uint64_t seed = 0;
  Stream stream = Stream::train;
  std::uint64_t pass = 0;
  std::uint64_t row = 0;
  std::uint32_t draw = 0;
};

/// The 32 random bits of column `column` at `site`.
std::uint32_t random_bits(const NoiseSite& site, std::uint64_t column);

/// A sequential generator over the columns of one site, for host code (shuffles, initial values).
class RandomStream {
 public:
  explicit RandomStream(const NoiseSite& site) : site_(site) {}
  std::uint32_t bits();
  /// Uniform in (0, 1), 53 bits.
  double uniform();
  /// Standard normal (Box-Muller in double).
  double normal();
  /// Uniform integer in [0, n), without bias; n >= 1.
  std::uint64_t below(std::uint64_t n);

 private:
  NoiseSite site_;
  std::uint64_t column_ = 0;
  std::array<std::uint32_t, 4> block_{};
};

}  // namespace diabolo
