#include <diabolo/base/error.h>
#include <diabolo/base/random.h>

#include <cmath>

namespace diabolo {
namespace {

std::array<std::uint32_t, 4> block_at(const NoiseSite& site, std::uint64_t block) {
  std::uint32_t c0 = static_cast<std::uint32_t>(site.row);
  std::uint32_t c1 = static_cast<std::uint32_t>(site.row >> 32);
  std::uint32_t c2 = site.draw;
  std::uint32_t c3 =
      static_cast<std::uint32_t>(site.stream) << 24 | static_cast<std::uint32_t>(block);
  philox4x32(c0, c1, c2, c3, philox_key(site.seed, site.pass));
  return {c0, c1, c2, c3};
}

}  // namespace

std::uint32_t random_bits(const NoiseSite& site, std::uint64_t column) {
  return block_at(site, column / 4)[column % 4];
}

std::uint32_t RandomStream::bits() {
  if (column_ % 4 == 0) {
    // A stream longer than the columns of one draw goes on in the next draw.
    if (column_ == static_cast<std::uint64_t>(kMaxNoiseColumns)) {
      ++site_.draw;
      column_ = 0;
    }
    block_ = block_at(site_, column_ / 4);
  }
  return block_[column_++ % 4];
}

double RandomStream::uniform() {
  const std::uint64_t high = bits() >> 5, low = bits() >> 6;  // 27 + 26 bits
  return (static_cast<double>(high << 26 | low) + 0.5) * 0x1p-53;
}

double RandomStream::normal() {
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(6.283185307179586476925 * uniform());
}

std::uint64_t RandomStream::below(std::uint64_t n) {
  ensure(n >= 1, "random", "a range that is not empty");
  const std::uint64_t limit = ~std::uint64_t{0} - (~std::uint64_t{0} % n + 1) % n;
  for (;;) {
    const std::uint64_t high = bits(), low = bits();
    const std::uint64_t word = high << 32 | low;
    if (word <= limit) return word % n;
  }
}

}  // namespace diabolo
