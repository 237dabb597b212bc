// A server in miniature: one model, eight caller threads, a row at a time. Prints how long a call
// takes, at the median and at the 99th percentile.
//   server [model.safetensors data.npy]
#include <diabolo/diabolo.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>
#include <vector>

namespace {

constexpr int kCallers = 8, kCalls = 500;

// Points on a noisy circle, for a run without files.
diabolo::Dataset circle(std::int64_t rows) {
  diabolo::Tensor x(diabolo::DType::f32, {rows, 2});
  diabolo::RandomStream random({.seed = 1});
  for (std::int64_t i = 0; i < rows; ++i) {
    const double angle = 6.2831853 * random.uniform(), radius = 1 + 0.05 * random.normal();
    x.as<float>()[static_cast<std::size_t>(2 * i)] = static_cast<float>(radius * std::cos(angle));
    x.as<float>()[static_cast<std::size_t>(2 * i + 1)] =
        static_cast<float>(radius * std::sin(angle));
  }
  return diabolo::Dataset::from(std::move(x), "circle");
}

}  // namespace

int main(int argc, char** argv) try {
  const auto data = argc > 2 ? diabolo::read(argv[2]) : circle(500);
  const auto model = argc > 1 ? diabolo::load(argv[1]) : diabolo::fit(data, {.epochs = 20});

  std::vector<std::vector<double>> micros(kCallers);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller)
    callers.emplace_back([&, caller] {
      for (int call = -10; call < kCalls; ++call) {  // the first few warm up
        const auto row = data.rows((caller + 8 * (call + 10)) % data.size(), 1);
        double score = 0;
        const auto before = std::chrono::steady_clock::now();
        model.score(row, {&score, 1});
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - before;
        if (call >= 0) micros[static_cast<std::size_t>(caller)].push_back(took.count());
      }
    });
  for (auto& caller : callers) caller.join();

  std::vector<double> all;
  for (const auto& some : micros) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  std::printf("%zu calls from %d threads: p50 %.0f us, p99 %.0f us\n", all.size(), kCallers,
              all[all.size() / 2], all[all.size() * 99 / 100]);
} catch (const diabolo::Error& error) {
  std::fprintf(stderr, "server: %s\n", error.message().c_str());
  return 1;
}
