// The definition of a product (product.h) as three plain loops, and operands to try it on.
#pragma once

#include <diabolo/kernels/product.h>
#include <diabolo/tensor/buffer.h>

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace diabolo::kernels {

template <class T>
struct Operands {
  std::vector<T> a, b, bias, gate, c, sums;

  explicit Operands(const ProductSpec& s)
      : a(values(s.m * s.k, 1)),
        b(values(s.k * s.n, 2)),
        bias(values(s.n, 3)),
        gate(values(s.m * s.n, 5)),
        c(values(s.m * s.n, 4)),
        sums(s.column_sums ? values(s.n, 6) : std::vector<T>()) {}

  /// What a product reads, and where it writes.
  ProductArrays<T> arrays(std::vector<T>& to_c, std::vector<T>& to_sums) const {
    return {a.data(), b.data(), bias.data(), gate.data(), to_c.data(), to_sums.data()};
  }

  // In [-1, 1), from integers alone, so that committed hashes of results hold everywhere.
  static std::vector<T> values(std::int64_t count, std::uint64_t stream) {
    std::vector<T> v(static_cast<std::size_t>(count));
    std::uint64_t state = stream * 0x9e3779b97f4a7c15u;
    for (T& x : v) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      x = static_cast<T>(static_cast<std::int32_t>(state >> 40) - (1 << 23)) / T(1 << 23);
    }
    return v;
  }
};

// C, then the sums of its columns if the spec wants them.
template <class T>
std::vector<T> run(const Product& product, const Operands<T>& in) {
  Buffer scratch(product.scratch_bytes());
  std::vector<T> c = in.c, sums = in.sums;
  product.run(in.arrays(c, sums), scratch.data());
  c.insert(c.end(), sums.begin(), sums.end());
  return c;
}

// How often run() gives something else than at first, from four threads at once.
template <class Run>
int differing_runs(Run&& run) {
  const auto wanted = run();
  std::atomic<int> differing{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 30; ++i) differing += run() != wanted;
    });
  for (auto& thread : threads) thread.join();
  return differing;
}

// Sums in `Sum`: T for the very bits of numerics 1, double for an oracle.
template <class Sum, class T>
std::vector<T> reference(const ProductSpec& s, const Operands<T>& in) {
  std::vector<T> c = in.c;
  std::vector<Sum> sums(static_cast<std::size_t>(s.column_sums ? s.n : 0), Sum(0));
  for (std::int64_t i = 0; i < s.m; ++i) {
    for (std::int64_t j = 0; j < s.n; ++j) {
      Sum sum = 0;
      for (std::int64_t p = 0; p < s.k; ++p) {
        const T a = in.a[static_cast<std::size_t>(s.trans_a ? p * s.m + i : i * s.k + p)];
        const T b = in.b[static_cast<std::size_t>(s.trans_b ? j * s.k + p : p * s.n + j)];
        sum = sum + Sum(a) * Sum(b);
      }
      T& out = c[static_cast<std::size_t>(i * s.n + j)];
      if (s.accumulate) sum = Sum(out) + sum;
      if (s.bias) sum = sum + Sum(in.bias[static_cast<std::size_t>(j)]);
      if (s.relu) sum = sum > 0 ? sum : (sum != sum ? sum : 0);
      if (s.gated && !(in.gate[static_cast<std::size_t>(i * s.n + j)] > 0)) sum = 0;
      out = static_cast<T>(sum);
      if (s.column_sums) sums[static_cast<std::size_t>(j)] += sum;
    }
  }
  for (const Sum sum : sums) c.push_back(static_cast<T>(sum));
  return c;
}

// The spec with trans_a, trans_b, accumulate, bias and relu from the bits of `options`, 0 to 31; up
// to 127 gated and with sums of columns.
inline ProductSpec with_options(ProductSpec s, int options) {
  s.trans_a = options & 1, s.trans_b = options & 2, s.accumulate = options & 4;
  s.bias = options & 8, s.relu = options & 16;
  s.gated = options & 32, s.column_sums = options & 64;
  return s;
}

inline std::string describe(const ProductSpec& s) {
  return fmt::format("{}x{}x{} trans {}{} accumulate {} bias {} relu {} gated {} sums {}", s.m, s.n,
                     s.k, int{s.trans_a}, int{s.trans_b}, s.accumulate, s.bias, s.relu, s.gated,
                     s.column_sums);
}

}  // namespace diabolo::kernels
