// Products of few ones (categories as one-hot rows): each one adds a row of B to a row of C, both
// where they lie. A is gone through once, as it lies in memory, so the rows are added in order of k
// here too, and the bits are those of the dense product.
#pragma once

#include <diabolo/kernels/portable/binary_product_ones.h>
#include <diabolo/kernels/portable/product_tile.h>
#include <diabolo/kernels/product.h>

namespace diabolo::kernels::DIABOLO_LEVEL {

// Above one in so many elements the panels of binary_product.cpp are faster.
constexpr std::int64_t kFewOnes = 16;

constexpr std::int64_t kPlacesAtOnce = 16;  // lists are written so many at a time

#if defined(__AVX512F__)

// Stores the places of the ones among `count` floats and returns how many they are. There is room
// for kPlacesAtOnce more.
inline std::int64_t list_places(const float* a, std::int64_t count, std::uint32_t* places) {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < count; i += 16) {
    const std::uint32_t mask = mask_of(load_bits(a + i, count - i));
    _mm512_storeu_si512(places + found, places_of(mask, i));
    found += __builtin_popcount(mask);
  }
  return found;
}

#else

inline std::int64_t list_places(const float* a, std::int64_t count, std::uint32_t* places) {
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < count; i += 8) {
    std::uint32_t bits[8] = {};
    const std::int64_t n = count - i < 8 ? count - i : 8;
    __builtin_memcpy(bits, a + i, static_cast<std::size_t>(n) * sizeof(float));
    std::uint32_t any = 0;
    for (const std::uint32_t b : bits) any |= b;
    if (any == 0) continue;
    for (std::int64_t b = 0; b < 8; ++b) {  // without branches: written at any rate
      places[found] = static_cast<std::uint32_t>(i + b);
      found += bits[b] != 0;
    }
  }
  return found;
}

#endif

inline void add_row(const float* b, std::int64_t n, float* c) noexcept {
  constexpr std::int64_t W = kLanes<float>;
  std::int64_t j = 0;
  for (; j + W <= n; j += W) save(c + j, load(c + j) + load(b + j));
  for (; j < n; ++j) c[j] += b[j];
}

inline std::size_t sparse_scratch_bytes(const ProductSpec& s) {
  const std::int64_t columns = s.trans_a ? s.m : s.k;
  return static_cast<std::size_t>(columns + kPlacesAtOnce) * sizeof(std::uint32_t);
}

// False, with C half made, once more of the rows' elements are ones than pays.
inline bool run_sparse(const ProductSpec& s, const ProductArrays<float>& x,
                       void* scratch) noexcept {
  constexpr std::int64_t W = kLanes<float>;
  auto* const places = static_cast<std::uint32_t*>(scratch);
  const std::int64_t rows = s.trans_a ? s.k : s.m, columns = s.trans_a ? s.m : s.k;
  __builtin_memset(x.c, 0, static_cast<std::size_t>(s.m * s.n) * sizeof(float));
  std::int64_t ones = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::int64_t found = list_places(x.a + r * columns, columns, places);
    ones += found;
    if (ones * kFewOnes > (r + kFewOnes) * columns) return false;  // a full row more is no harm
    for (std::int64_t t = 0; t < found; ++t) {
      const std::int64_t i = s.trans_a ? places[t] : r, k = s.trans_a ? r : places[t];
      add_row(x.b + k * s.n, s.n, x.c + i * s.n);
    }
  }
  if (!s.bias && !s.relu) return true;
  for (std::int64_t i = 0; i < s.m; ++i) {
    float* const c = x.c + i * s.n;
    if (s.bias) add_row(x.bias, s.n, c);
    if (!s.relu) continue;
    std::int64_t j = 0;
    for (; j + W <= s.n; j += W) save(c + j, relu_of(load(c + j)));
    for (; j < s.n; ++j) c[j] = c[j] <= 0 ? 0 : c[j];
  }
  return true;
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
