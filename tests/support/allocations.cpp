// Every form of operator new and delete, since sanitizers bring their own of those that are missing
// here. In a file of its own, and not inlined: a compiler that sees into them takes a delete
// without its new for a mistake.
#include <support/allocations.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

using diabolo::testing::Failing;

thread_local long allocations = 0;
std::atomic<long> living{0};

constexpr std::size_t kPlain = alignof(std::max_align_t);
constexpr std::size_t kOfArrays = 64, kLarge = 2048;

std::atomic<bool> is_failing{false}, has_failed{false}, fails_for_good{false};
std::atomic<Failing> which_fail{Failing::any};
std::atomic<long> left{0};  // calls that succeed

bool fails(std::size_t bytes, std::size_t alignment) {
  if (!is_failing.load(std::memory_order_relaxed)) return false;
  if (which_fail == Failing::large && bytes < kLarge) return false;
  if (which_fail == Failing::arrays && alignment < kOfArrays) return false;
  const long before = left.fetch_sub(1);
  const bool failed = before == 0 || (before < 0 && fails_for_good);
  if (failed) has_failed = true;
  return failed;
}

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  ++allocations;
  if (fails(bytes, alignment)) return nullptr;
  void* const p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (p) living.fetch_add(1, std::memory_order_relaxed);
  return p;
}

void* or_throw(void* p) {
  if (!p) throw std::bad_alloc();
  return p;
}

void release(void* p) noexcept {
  if (p) living.fetch_sub(1, std::memory_order_relaxed);
  std::free(p);
}

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
NOINLINE void operator delete(void* p) noexcept { release(p); }
NOINLINE void operator delete(void* p, std::size_t) noexcept { release(p); }
NOINLINE void operator delete(void* p, Align) noexcept { release(p); }
NOINLINE void operator delete(void* p, std::size_t, Align) noexcept { release(p); }
NOINLINE void operator delete(void* p, const NoThrow&) noexcept { release(p); }
NOINLINE void operator delete(void* p, Align, const NoThrow&) noexcept { release(p); }
#undef NOINLINE

namespace diabolo::testing {

long allocations() { return ::allocations; }
long living_allocations() { return living; }

FailingAllocations::FailingAllocations(Failing which, long good, bool for_good) {
  which_fail = which;
  left = good;
  fails_for_good = for_good;
  has_failed = false;
  is_failing = true;
}

FailingAllocations::~FailingAllocations() { is_failing = false; }

bool FailingAllocations::happened() const { return has_failed; }

}  // namespace diabolo::testing
