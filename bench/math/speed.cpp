// Prints nanoseconds per element of every elementary function, on one core, for each level that
// this machine has: a Markdown table for docs/elementary-functions.md. Each figure is the best of
// 200 passes over 4096 floats, which stay in the first-level cache.
#include "loops.h"

#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

namespace {

constexpr long kCount = 4096;

double nanoseconds(bench::Loop loop, const bench::Row& row) {
  std::vector<float> x(kCount), y(kCount);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(row.low, row.high);
  for (float& value : x) value = uniform(random);
  double best = 1e30;
  for (int pass = 0; pass < 200; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    loop(x.data(), y.data(), kCount);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::min(best, seconds.count());
  }
  return best / kCount * 1e9;
}

void print(bench::Loop loop, const bench::Row& row, bool supported) {
  if (loop && supported)
    std::printf(" %.2f |", nanoseconds(loop, row));
  else
    std::printf(" - |");
}

}  // namespace

int main() {
  const bool v3 = __builtin_cpu_supports("avx2"), v4 = __builtin_cpu_supports("avx512f");
  std::printf("| ns per element | ours v2 | v3 | v4 | SLEEF v2 | v3 | v4 | C library |\n");
  std::printf("|---|---|---|---|---|---|---|---|\n");
  for (int i = 0; i < bench::kRows; ++i) {
    const bench::Row &a = bench::v2::rows[i], &b = bench::v3::rows[i], &c = bench::v4::rows[i];
    std::printf("| %s |", a.name);
    print(a.ours, a, true);
    print(b.ours, b, v3);
    print(c.ours, c, v4);
    print(a.sleef, a, true);
    print(b.sleef, b, v3);
    print(c.sleef, c, v4);
    print(a.c_library, a, true);
    std::printf("\n");
  }
}
