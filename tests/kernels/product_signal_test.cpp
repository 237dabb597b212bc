// A signal may come at any moment of a product, and must harm nothing.
#include <diabolo/kernels/product.h>
#include <gtest/gtest.h>
#include <sys/time.h>

#include <csignal>
#include <cstring>
#include <vector>

namespace diabolo::kernels {
namespace {

volatile std::sig_atomic_t signals = 0;
void count(int) { signals = signals + 1; }

// SIGALRM every 50 us while it lives.
class Alarms {
 public:
  Alarms() {
    struct sigaction action{};
    action.sa_handler = count;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, &before_);
    set(50);
  }
  ~Alarms() {
    set(0);
    sigaction(SIGALRM, &before_, nullptr);
  }

 private:
  static void set(int microseconds) {
    const itimerval every{.it_interval = {0, microseconds}, .it_value = {0, microseconds}};
    setitimer(ITIMER_REAL, &every, nullptr);
  }
  struct sigaction before_{};
};

// What oneDNN's code did before signals waited: it has its stack pointer in the arrays.
TEST(ProductSignal, harms_nothing_whenever_it_comes) {
  const ProductSpec spec{.m = 128, .n = 400, .k = 784};
  const auto product = make_product(spec, Mode::fast, best_level());
  const auto size = [](std::int64_t a, std::int64_t b) { return static_cast<std::size_t>(a * b); };
  // In one block, each array between numbers that nobody should write to.
  constexpr std::size_t kBeside = 4096;
  const std::size_t sizes[] = {size(128, 784), size(784, 400), size(128, 400)};
  std::vector<float> memory(sizes[0] + sizes[1] + sizes[2] + 4 * kBeside, 7.0f);
  float* const a = memory.data() + kBeside;
  float* const b = a + sizes[0] + kBeside;
  float* const c = b + sizes[1] + kBeside;
  for (std::size_t i = 0; i < sizes[0]; ++i) a[i] = static_cast<float>(i % 13) - 6;
  for (std::size_t i = 0; i < sizes[1]; ++i) b[i] = static_cast<float>(i % 7) - 3;
  std::vector<std::byte> scratch(product->scratch_bytes() + 64);
  const ProductArrays<float> arrays{a, b, nullptr, nullptr, c, nullptr};
  product->run(arrays, scratch.data());
  const std::vector<float> expected = memory;
  signals = 0;
  const Alarms alarms;
  for (int i = 0; i < 200; ++i) {
    product->run(arrays, scratch.data());
    ASSERT_EQ(std::memcmp(memory.data(), expected.data(), memory.size() * sizeof(float)), 0)
        << "after " << signals << " signals";
  }
  EXPECT_GT(signals, 100);
}

}  // namespace
}  // namespace diabolo::kernels
