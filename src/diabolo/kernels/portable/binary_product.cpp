// Products whose left operand holds only zeros and ones: a row of C is a sum of rows of B.
//
// Bound by loads from L1: a one costs a load and an addition where the dense kernel spends a
// multiplication and an addition on every element, so the time falls with the share of ones. The
// rows are added in order of k and what is left out would add zero: for finite B the bits are those
// of the dense portable product.
#include <diabolo/kernels/portable/binary_product_ones.h>
#include <diabolo/kernels/portable/binary_product_sparse.h>
#include <diabolo/kernels/portable/binary_product_table.h>
#include <diabolo/kernels/portable/product_tile.h>

#include <utility>

namespace diabolo::kernels::DIABOLO_LEVEL {
namespace {

// A panel of B, kBlock rows of kVectors vectors, stays in L1 while all rows of A pass. It is 24
// KiB, and 32 with 512 bits: processors that have those mostly have a larger L1.
constexpr std::int64_t kBlock = kVectorBytes > 32 ? 128 : 96;
constexpr int kVectors = kVectorBytes > 32 ? 4 : 8;
constexpr std::int64_t kPlaces = kBlock + 16;  // of a row: lists are written 16 places at a time
constexpr std::int64_t kWidth = kVectors * kLanes<float>;
// With fewer rows of A, B is read where it lies.
constexpr std::int64_t kFewRowsOfA = 8;

// The ones of A in rows k0..k1 of B: places[i][0..counts[i]), relative to k0, for each row of A.
struct Ones {
  std::uint8_t* places;  // [m, kPlaces]
  std::uint8_t* counts;  // [m]
};

#if defined(__AVX512F__)

// Rows are gone through 16 places at a time: a mask of the ones among them picks the places.
std::int64_t list_ones(std::uint32_t mask, std::int64_t first, std::uint8_t* places) {
  const __m128i bytes = _mm512_maskz_cvtepi32_epi8(0xffff, places_of(mask, first));
  __builtin_memcpy(places, &bytes, sizeof bytes);
  return __builtin_popcount(mask);
}

// A^T: 16 rows of C side by side; bit k of a lane says whether there is a one at place k.
void find_ones_of_columns(const ProductSpec spec, const float* a, std::int64_t k0, std::int64_t k1,
                          Ones ones) {
  const std::int64_t m = spec.m;
  for (std::int64_t i0 = 0; i0 < m; i0 += 16) {
    const std::int64_t rows = m - i0 < 16 ? m - i0 : 16;
    std::int64_t count[16] = {};
    for (std::int64_t k = k0; k < k1; k += 16) {
      __m512i found = _mm512_setzero_si512();
      for (std::int64_t b = 0; b < 16 && k + b < k1; ++b) {
        const __m512i bits = load_bits(a + (k + b) * m + i0, rows);
        found = _mm512_mask_or_epi32(found, static_cast<__mmask16>(mask_of(bits)), found,
                                     _mm512_set1_epi32(1 << b));
      }
      std::uint32_t masks[16];
      __builtin_memcpy(masks, &found, sizeof masks);
      for (std::int64_t i = 0; i < rows; ++i)
        count[i] += list_ones(masks[i], k - k0, ones.places + (i0 + i) * kPlaces + count[i]);
    }
    for (std::int64_t i = 0; i < rows; ++i)
      ones.counts[i0 + i] = static_cast<std::uint8_t>(count[i]);
  }
}

void find_ones(const ProductSpec spec, const float* a, std::int64_t k0, std::int64_t k1,
               Ones ones) {
  if (spec.trans_a) return find_ones_of_columns(spec, a, k0, k1, ones);
  for (std::int64_t i = 0; i < spec.m; ++i) {
    std::uint8_t* const places = ones.places + i * kPlaces;
    std::int64_t count = 0;
    for (std::int64_t k = k0; k < k1; k += 16)
      count += list_ones(mask_of(load_bits(a + i * spec.k + k, k1 - k)), k - k0, places + count);
    ones.counts[i] = static_cast<std::uint8_t>(count);
  }
}

#else

// Without branches: a place is written at any rate, and kept if there is a one. As integers, since
// a comparison of floats has to look for NaN. The spec is copied: a byte that is written may be any
// object's, and the compiler would load `m` and `k` again for each.
void find_ones(const ProductSpec spec, const float* a, std::int64_t k0, std::int64_t k1,
               Ones ones) {
  const std::int64_t m = spec.m, all = spec.k;
  const auto one_at = [a](std::int64_t i) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, a + i, sizeof bits);
    return bits != 0;
  };
  if (spec.trans_a) {
    for (std::int64_t i = 0; i < m; ++i) ones.counts[i] = 0;
    for (std::int64_t k = k0; k < k1; ++k) {
      const auto place = static_cast<std::uint8_t>(k - k0);
      for (std::int64_t i = 0; i < m; ++i) {
        const std::uint8_t count = ones.counts[i];
        ones.places[i * kPlaces + count] = place;
        ones.counts[i] = static_cast<std::uint8_t>(count + one_at(k * m + i));
      }
    }
    return;
  }
  for (std::int64_t i = 0; i < m; ++i) {
    std::uint8_t* const places = ones.places + i * kPlaces;
    std::int64_t count = 0;
    for (std::int64_t k = k0; k < k1; ++k) {
      places[count] = static_cast<std::uint8_t>(k - k0);
      count += one_at(i * all + k);
    }
    ones.counts[i] = static_cast<std::uint8_t>(count);
  }
}

#endif

// One panel: what its rows add to a strip of C.
struct Strip {
  const float* panel;
  std::int64_t stride;
  float* c;
  std::int64_t ldc, cols;
  bool first, last;   // panels of the strip
  const float* bias;  // kWidth numbers, or null
  bool relu;
};

template <int V>
void add_panel(std::int64_t m, Ones ones, const Strip& s) noexcept {
  constexpr int W = kLanes<float>;
  const auto bytes = static_cast<std::size_t>(s.cols) * sizeof(float);
  const bool whole = s.cols == V * W;
  for (std::int64_t i = 0; i < m; ++i) {
    float edge[V * W] = {};
    float* const c = s.c + i * s.ldc;
    if (!whole && !s.first) __builtin_memcpy(edge, c, bytes);
    const float* const from = whole ? c : edge;
    Vector<float> sums[V];
    for (int v = 0; v < V; ++v) sums[v] = s.first ? Vector<float>{} : load(from + v * W);
    const std::uint8_t* const places = ones.places + i * kPlaces;
    const int count = ones.counts[i];
    for (int t = 0; t < count; ++t) {
      const float* const row = s.panel + places[t] * s.stride;
      for (int v = 0; v < V; ++v) sums[v] += load(row + v * W);
    }
    if (s.last && s.bias)
      for (int v = 0; v < V; ++v) sums[v] += load(s.bias + v * W);
    if (s.last && s.relu)
      for (int v = 0; v < V; ++v) sums[v] = relu_of(sums[v]);
    float* const to = whole ? c : edge;
    for (int v = 0; v < V; ++v) save(to + v * W, sums[v]);
    if (!whole) __builtin_memcpy(c, edge, bytes);
  }
}

using AddPanel = void (*)(std::int64_t m, Ones ones, const Strip& s) noexcept;

template <int... V>
AddPanel add_panel_of(std::int64_t vectors, std::integer_sequence<int, V...>) {
  static constexpr AddPanel of[] = {&add_panel<V + 1>...};
  return of[vectors - 1];
}

constexpr std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

std::size_t scratch_bytes(const ProductSpec& s) {
  const std::int64_t floats = (kBlock + 1) * kWidth;  // a panel, a piece of the bias
  const auto panels = static_cast<std::size_t>(floats * std::int64_t{sizeof(float)} +
                                               aligned(s.m * kPlaces) + aligned(s.m));
  const std::size_t sparse = sparse_scratch_bytes(s);
  return panels > sparse ? panels : sparse;
}

void run(const ProductSpec& s, const ProductArrays<float>& x, void* scratch) noexcept {
  if (run_sparse(s, x, scratch)) return;
  constexpr std::int64_t W = kLanes<float>;
  float* const packed = static_cast<float*>(scratch);
  float* const padded_bias = packed + kBlock * kWidth;
  auto* const bytes = reinterpret_cast<std::uint8_t*>(padded_bias + kWidth);
  const Ones ones{bytes, bytes + aligned(s.m * kPlaces)};
  const std::int64_t panels = (s.k + kBlock - 1) / kBlock;
  // Strips of about the same width: a narrow last one would wait for its additions.
  const std::int64_t all_vectors = (s.n + W - 1) / W;
  const std::int64_t strips = (all_vectors + kVectors - 1) / kVectors;
  const auto min = [](std::int64_t a, std::int64_t b) { return a < b ? a : b; };
  for (std::int64_t p = 0; p < panels; ++p) {
    const std::int64_t k0 = s.k * p / panels, k1 = s.k * (p + 1) / panels;
    find_ones(s, x.a, k0, k1, ones);
    std::int64_t next = 0;
    for (std::int64_t t = 0, j = 0; t < strips; ++t, j = next) {
      next = min(all_vectors * (t + 1) / strips * W, s.n);
      const std::int64_t cols = next - j, vectors = (cols + W - 1) / W;
      const bool direct = s.m < kFewRowsOfA && cols % W == 0;
      Strip strip{x.b + k0 * s.n + j,
                  s.n,
                  x.c + j,
                  s.n,
                  cols,
                  p == 0,
                  p + 1 == panels,
                  s.bias ? padded_bias : nullptr,
                  s.relu};
      if (!direct) {
        strip.panel = packed;
        strip.stride = vectors * W;
        for (std::int64_t k = k0; k < k1; ++k)
          __builtin_memcpy(packed + (k - k0) * strip.stride, x.b + k * s.n + j,
                           static_cast<std::size_t>(cols) * sizeof(float));
      }
      if (s.bias)
        for (std::int64_t l = 0; l < cols; ++l) padded_bias[l] = x.bias[j + l];
      add_panel_of(vectors, std::make_integer_sequence<int, kVectors>{})(s.m, ones, strip);
    }
  }
}

}  // namespace

const BinaryProductTable& binary_product_table() {
  static constexpr BinaryProductTable table{scratch_bytes, run};
  return table;
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
