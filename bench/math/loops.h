// A loop over each elementary function, compiled once per instruction-set level from loops.cpp.
#pragma once

namespace bench {

using Loop = void (*)(const float* x, float* y, long n);

struct Row {
  const char* name;
  float low, high;  // arguments are uniform in here
  Loop ours;
  Loop sleef;      // null where SLEEF has none
  Loop c_library;  // scalar calls
};

inline constexpr int kRows = 15;

namespace v2 {
extern const Row rows[kRows];
}
namespace v3 {
extern const Row rows[kRows];
}
namespace v4 {
extern const Row rows[kRows];
}

}  // namespace bench
