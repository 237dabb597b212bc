// Counts what the whole test program allocates through operator new, and makes it fail.
#pragma once

namespace diabolo::testing {

/// Calls of operator new in this thread so far.
long allocations();

/// What operator new has given to any thread and has not got back.
long living_allocations();

/// Which calls of operator new are counted and fail: all of them, those of 2 KiB and more, or
/// those of arrays alone (tensor/buffer.h, aligned to a cache line or more).
enum class Failing { any, large, arrays };

/// While it lives, operator new fails in any thread: the call after `good` others (of its kind),
/// and, if `for_good`, each one after it.
class FailingAllocations {
 public:
  FailingAllocations(Failing which, long good, bool for_good = false);
  ~FailingAllocations();
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  /// True if one has failed.
  bool happened() const;
};

}  // namespace diabolo::testing
