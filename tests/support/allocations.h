// Counts what the whole test program allocates through operator new.
#pragma once

namespace diabolo::testing {

/// Calls of operator new in this thread so far.
long allocations();

}  // namespace diabolo::testing
