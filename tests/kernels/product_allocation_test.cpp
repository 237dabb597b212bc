// Replaces operator new of the test program by one that counts.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "product_reference.h"

namespace {

std::atomic<int> allocations{0};

void* allocate(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  void* const p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (!p) throw std::bad_alloc();
  return p;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t bytes) {
  return allocate(bytes, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

namespace diabolo::kernels {
namespace {

TEST(PortableProduct, allocates_nothing_in_run) {
  for (const Level level : available_levels())
    for (int options = 0; options < 32; ++options)
      for (const std::int64_t n : {3, 100, 700}) {
        const ProductSpec s = with_options({50, n, 300}, options);
        const auto product = make_portable_product(s, level);
        Operands<float> in(s);
        Buffer scratch(product->scratch_bytes());
        const int before = allocations.load();
        product->run(in.a.data(), in.b.data(), in.bias.data(), in.c.data(), scratch.data());
        EXPECT_EQ(allocations.load(), before) << describe(s);
      }
  EXPECT_GT(allocations.load(), 0);
}

}  // namespace
}  // namespace diabolo::kernels
