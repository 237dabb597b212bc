// Every form of operator new and delete, since sanitizers bring their own of those that are missing
// here. In a file of its own, and not inlined: a compiler that sees into them takes a delete
// without its new for a mistake.
#include <support/allocations.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local long allocations = 0;

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

long diabolo::testing::allocations() { return ::allocations; }
