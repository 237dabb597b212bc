#include <problem/timing.h>
#include <algorithm>
#include <chrono>
#include <vector>

namespace bench {

double median_milliseconds(double seconds, diabolo::FunctionRef<void(std::int64_t)> action) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  std::vector<double> times;
  const auto began = Clock::now();
  for (std::int64_t i = 0;; ++i) {
    const auto before = Clock::now();
    action(i);
    const auto after = Clock::now();
    if (i >= 10 || after - began > Seconds(seconds / 2))
      times.push_back(std::chrono::duration<double, std::milli>(after - before).count());
    if (after - began > Seconds(seconds) && times.size() >= 3) break;
  }
  std::ranges::nth_element(times, times.begin() + std::ssize(times) / 2);
  return times[times.size() / 2];
}

}  // namespace bench
