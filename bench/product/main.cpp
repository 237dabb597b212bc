// GFLOP/s of each kernel for matrix products of the shapes that training meets, on one core.
//
// usage: bench_product [MxNxK[ta][tb][+bias][+relu][+old][+gate][+sums] ...]
//        e.g. bench_product 784x400x128ta; without shapes those of docs/products.md
// A figure is the median of 15 runs; kernels take turns, so that a change of clock or a busy
// neighbour hits all of them.
#include <diabolo/base/error.h>
#include <diabolo/kernels/bf16.h>
#include <diabolo/kernels/product.h>
#include <diabolo/tensor/buffer.h>

#include <problem/product_shape.h>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace diabolo;
using namespace diabolo::kernels;

// Those of docs/products.md: the table of all kernels, then what only the one of bfloat16 has.
constexpr const char* kPage =
    "128x400x784 128x784x400 128x400x784tb 128x784x400tb 784x400x128ta 400x784x128ta 128x40x400 "
    "128x400x20 128x400x40tb 128x20x400tb 128x20x400 1000x20x400 400x40x128ta 20x400x128ta "
    "400x20x128ta 1000x100x2 1000x100x2+bias+relu 1000x100x2tb+gate+sums "
    "1000x100x2tb+old+gate+sums 1000x4x100 1000x2x100 1000x2x100+bias 100x2x1000ta 2x100x1000ta "
    "64x64x30 64x64x30tb+gate+sums 64x16x64 64x64x8 64x30x64 32x128x128 1x400x784 1x784x400 "
    "1x400x784tb 4x400x784 16x400x784 512x512x512 "
    "256x2048x2048 256x2048x2048tb 2048x2048x256ta 500x400x784 64x400x784 500x20x400 64x400x20 "
    "64x64x64";

std::vector<std::string> page_shapes() {
  std::istringstream words(kPage);
  return {std::istream_iterator<std::string>(words), {}};
}

// Processor time of this thread: what a neighbour on the same core takes does not count.
double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

const std::uint16_t* round(const float* from, Buffer& to) {
  auto* const rounded = reinterpret_cast<std::uint16_t*>(to.data());
  bf16_kernels(best_level())
      .round(from, rounded, static_cast<std::int64_t>(to.bytes() / sizeof(std::uint16_t)));
  return rounded;
}

double seconds(const Product& product, const ProductArrays<float>& arrays, Buffer& scratch,
               int repeats) {
  const double start = thread_seconds();
  for (int i = 0; i < repeats; ++i) product.run(arrays, scratch.data());
  return (thread_seconds() - start) / repeats;
}

// With the rounding of both operands.
double bf16_seconds(const Product& product, const ProductSpec& s, const ProductArrays<float>& x,
                    Buffer& scratch, int repeats) {
  Buffer a(static_cast<std::size_t>(s.m * s.k) * 2), b(static_cast<std::size_t>(s.k * s.n) * 2);
  const double start = thread_seconds();
  for (int i = 0; i < repeats; ++i)
    product.run({round(x.a, a), round(x.b, b), x.bias, x.gate, x.c, x.sums}, scratch.data());
  return (thread_seconds() - start) / repeats;
}

void measure(const std::string& name) {
  const ProductSpec s = bench::parse_product(name);
  const Buffer a = bench::some_floats(s.m * s.k), b = bench::some_floats(s.k * s.n),
               bias = bench::some_floats(s.n), gate = bench::some_floats(s.m * s.n);
  Buffer c = bench::some_floats(s.m * s.n), sums = bench::some_floats(s.n);
  const auto floats = [](const Buffer& buffer) {
    return reinterpret_cast<const float*>(buffer.data());
  };
  const ProductArrays<float> arrays{floats(a),
                                    floats(b),
                                    floats(bias),
                                    floats(gate),
                                    reinterpret_cast<float*>(c.data()),
                                    reinterpret_cast<float*>(sums.data())};
  std::vector<std::unique_ptr<const Product>> products;
  for (const Level level : {Level::v2, Level::v3, Level::v4, Level::v4w}) {
    const auto levels = available_levels();
    const bool have = std::find(levels.begin(), levels.end(), level) != levels.end();
    products.push_back(have ? make_portable_product(s, level) : nullptr);
  }
  products.push_back(make_onednn_product(s, best_level()));
  products.push_back(make_bf16_product(s, best_level()));  // whether the spec asks for it or not

  constexpr int kRounds = 15;
  const double flops =
      2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k);
  std::vector<std::vector<double>> times(products.size());
  std::vector<Buffer> scratch;
  for (const auto& product : products) scratch.emplace_back(product ? product->scratch_bytes() : 0);
  for (int round = 0; round <= kRounds; ++round) {
    for (std::size_t i = 0; i < products.size(); ++i) {
      if (!products[i]) continue;
      const int repeats = std::max(1, static_cast<int>(5e7 / flops));  // about a millisecond
      const bool bf16 = products[i]->backend() == "bf16";
      const double t = bf16 ? bf16_seconds(*products[i], s, arrays, scratch[i], repeats)
                            : seconds(*products[i], arrays, scratch[i], repeats);
      if (round > 0) times[i].push_back(t);
    }
  }
  std::printf("| %-26s |", name.c_str());
  for (auto& t : times) {
    std::sort(t.begin(), t.end());
    if (t.empty())
      std::printf("      - |");
    else
      std::printf(" %6.1f |", flops / t[t.size() / 2] * 1e-9);
  }
  std::printf(" %s%s |\n",
              std::string(make_product(s, Mode::fast, best_level())->backend()).c_str(),
              suits_bf16(s) ? ", bf16" : "");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> names(argv + 1, argv + argc);
  if (names.empty()) names = page_shapes();
  try {
    std::printf("| %-26s | %6s | %6s | %6s | %6s | %6s | %6s | %s\n", "M x N x K", "v2", "v3", "v4",
                "v4w", "onednn", "bf16", "rule |");
    std::printf("|---|---|---|---|---|---|---|---|\n");
    for (const auto& name : names) measure(name);
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_product: %s\n", error.what());
    return 1;
  }
}
