#include <diabolo/base/random.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace diabolo {
namespace {

// Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
TEST(Philox, matches_the_published_vectors) {
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
  philox4x32(a, b, c, d, 0);
  EXPECT_EQ(a, 0x6627e8d5u);
  EXPECT_EQ(b, 0xe169c58du);
  EXPECT_EQ(c, 0xbc57ac4cu);
  EXPECT_EQ(d, 0x9b00dbd8u);
  a = b = c = d = 0xffffffffu;
  philox4x32(a, b, c, d, ~std::uint64_t{0});
  EXPECT_EQ(a, 0x408f276du);
  EXPECT_EQ(b, 0x41c83b0eu);
  EXPECT_EQ(c, 0xa20bc7c6u);
  EXPECT_EQ(d, 0x6d5451fdu);
}

TEST(Noise, sites_do_not_meet) {
  std::set<std::uint64_t> seen;
  int n = 0;
  for (const Stream stream : {Stream::train, Stream::eval})
    for (std::uint64_t pass = 0; pass < 4; ++pass)
      for (std::uint64_t row = 0; row < 4; ++row)
        for (std::uint32_t draw = 0; draw < 4; ++draw)
          for (std::uint64_t column = 0; column < 8; column += 2, ++n) {
            const NoiseSite site{7, stream, pass, row, draw};
            seen.insert(std::uint64_t{random_bits(site, column)} << 32 |
                        random_bits(site, column + 1));
          }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(n));
}

TEST(RandomStream, has_the_moments_of_a_normal) {
  RandomStream stream({.seed = 3});
  double sum = 0, squares = 0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = stream.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 5 * std::sqrt(2.0 / n));
}

TEST(RandomStream, below_stays_below_and_reaches_all) {
  RandomStream stream({.seed = 4});
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(stream.below(7));
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(*seen.rbegin(), 6u);
}

}  // namespace
}  // namespace diabolo
