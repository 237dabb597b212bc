// The median time of something that is done again and again.
#pragma once

#include <diabolo/base/function_ref.h>

#include <cstdint>

namespace bench {

/// Calls action(0), action(1), ... for `seconds`, at least three times; the median in
/// milliseconds. The first ten calls, or those of the first half if it has fewer, warm up.
double median_milliseconds(double seconds, diabolo::FunctionRef<void(std::int64_t)> action);

}  // namespace bench
