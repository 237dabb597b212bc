// Replaces operator new of the test program by one that counts.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "product_reference.h"

namespace {

std::atomic<int> allocations{0};

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  ++allocations;
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* or_throw(void* p) {
  if (!p) throw std::bad_alloc();
  return p;
}

constexpr std::size_t kPlain = alignof(std::max_align_t);

}  // namespace

// Every form, since sanitizers bring their own of those that are missing here. Not inlined: the
// compiler would see free() of what came from new.
using Align = std::align_val_t;
using NoThrow = std::nothrow_t;
#define NOINLINE [[gnu::noinline]]
NOINLINE void* operator new(std::size_t n) { return or_throw(allocate(n, kPlain)); }
NOINLINE void* operator new(std::size_t n, Align a) {
  return or_throw(allocate(n, static_cast<std::size_t>(a)));
}
NOINLINE void* operator new(std::size_t n, const NoThrow&) noexcept { return allocate(n, kPlain); }
NOINLINE void* operator new(std::size_t n, Align a, const NoThrow&) noexcept {
  return allocate(n, static_cast<std::size_t>(a));
}
NOINLINE void operator delete(void* p) noexcept { std::free(p); }
NOINLINE void operator delete(void* p, std::size_t) noexcept { std::free(p); }
NOINLINE void operator delete(void* p, Align) noexcept { std::free(p); }
NOINLINE void operator delete(void* p, std::size_t, Align) noexcept { std::free(p); }
NOINLINE void operator delete(void* p, const NoThrow&) noexcept { std::free(p); }
NOINLINE void operator delete(void* p, Align, const NoThrow&) noexcept { std::free(p); }
#undef NOINLINE

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
