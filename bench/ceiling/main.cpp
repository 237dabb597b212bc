// What the parts of a training step would take at the best speed that this machine reaches.
//
//   bench_ceiling THREADS [--parameters N --shards S] [--rounds R] MxNxK[ta][tb]...
//
// A product of a whole batch is measured three ways, which take turns: oneDNN's sgemm with all
// threads in one call; and with the batch cut (m, or k if A is transposed) into a one-thread
// product for each thread, all at once, by oneDNN and by the engine's own choice of kernel.
// Optimiser: the bytes that folding S gradients and an Adam step move, at the bandwidth of a plain
// loop over as much memory. JSON, in ms.
#include <diabolo/base/error.h>
#include <diabolo/kernels/product.h>
#include <diabolo/tensor/buffer.h>

#include <ceiling/blend.h>
#include <ceiling/cores.h>
#include <problem/product_shape.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>
#ifdef DIABOLO_HAVE_ONEDNN
#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#endif

namespace {

using namespace diabolo;
using namespace diabolo::kernels;

int rounds = 9;
constexpr double kWakingSeconds = 8e-3;
constexpr double kLeastSeconds = 4e-3;  // of one measurement

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

// Seconds of one of `times` calls.
using Measure = std::function<double(int times)>;

// The calls take place in the calling thread, after some that the system needs to spread whatever
// threads they wake over the cores.
Measure in_this_thread(std::function<void()> call) {
  return [call](int times) {
    const auto woken = Clock::now();
    do call();
    while (seconds_since(woken) < kWakingSeconds);
    const auto began = Clock::now();
    for (int i = 0; i < times; ++i) call();
    return seconds_since(began) / times;
  };
}

// call(t) on each of `threads` threads at once, each bound to a core of its own, `times` times.
Measure on_each_core(int threads, std::function<void(std::size_t)> call) {
  return [threads, call](int times) {
    std::atomic<int> ready = 0, done = 0;
    const auto wait = [&](std::atomic<int>& count) {
      ++count;
      while (count.load() < threads) {
      }
    };
    double seconds = 0;
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t)
      workers.emplace_back([&, t] {
        bench::bind_to_core(t);
        call(static_cast<std::size_t>(t));
        wait(ready);
        const auto began = Clock::now();
        for (int i = 0; i < times; ++i) call(static_cast<std::size_t>(t));
        wait(done);
        if (t == 0) seconds = seconds_since(began) / times;
      });
    for (std::thread& worker : workers) worker.join();
    return seconds;
  };
}

// The median of each in ms, in turns, with pauses in which spinning threads go to sleep.
std::vector<double> medians(const std::vector<Measure>& ways) {
  std::vector<std::vector<double>> times(ways.size());
  std::vector<int> repeats(ways.size(), 1);
  for (int round = 0; round <= rounds; ++round)
    for (std::size_t w = 0; w < ways.size(); ++w) {
      const double seconds = ways[w](repeats[w]);
      if (round > 0)
        times[w].push_back(seconds * 1e3);
      else
        repeats[w] = static_cast<int>(std::clamp(kLeastSeconds / seconds, 1.0, 1e5));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  std::vector<double> out;
  for (auto& t : times) {
    std::ranges::nth_element(t, t.begin() + rounds / 2);
    out.push_back(t[static_cast<std::size_t>(rounds / 2)]);
  }
  return out;
}

using Maker = std::function<std::unique_ptr<const Product>(const ProductSpec&)>;

// A product for each thread, the batch cut between them; the weights B are shared unless they are
// the batch's as well.
class Concurrent {
 public:
  Concurrent(ProductSpec spec, int threads, const Maker& make) {
    std::int64_t& batch = spec.trans_a ? spec.k : spec.m;
    batch = (batch + threads - 1) / threads;
    product_ = make(spec);
    if (!product_) return;
    for (int t = 0; t < threads; ++t) {
      a_.push_back(bench::some_floats(spec.m * spec.k));
      c_.push_back(bench::some_floats(spec.m * spec.n));
      if (spec.trans_a || t == 0) b_.push_back(bench::some_floats(spec.k * spec.n));
      scratch_.emplace_back(product_->scratch_bytes());
    }
  }
  explicit operator bool() const { return product_ != nullptr; }

  void run(std::size_t t) {
    const auto floats_of = [](Buffer& x) { return reinterpret_cast<float*>(x.data()); };
    diabolo::kernels::ProductArrays<float> arrays;
    arrays.a = floats_of(a_[t]);
    arrays.b = floats_of(b_[b_.size() > 1 ? t : 0]);
    arrays.c = floats_of(c_[t]);
    product_->run(arrays, scratch_[t].data());
  }

 private:
  std::unique_ptr<const Product> product_;
  std::vector<Buffer> a_, b_, c_, scratch_;
};

#ifdef DIABOLO_HAVE_ONEDNN
void threaded(const ProductSpec& s, int threads, const Buffer& a, const Buffer& b, Buffer& c) {
  static const auto set_threads =
      reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set_threads) set_threads(threads);
  const auto floats_of = [](const Buffer& x) { return reinterpret_cast<const float*>(x.data()); };
  dnnl_sgemm(s.trans_a ? 'T' : 'N', s.trans_b ? 'T' : 'N', s.m, s.n, s.k, 1.0f, floats_of(a),
             s.trans_a ? s.m : s.k, floats_of(b), s.trans_b ? s.k : s.n, 0.0f,
             reinterpret_cast<float*>(c.data()), s.n);
}
#endif

// Prints a product's line; gives the best time in ms.
double measure_product(const std::string& text, int threads) {
  const ProductSpec spec = bench::parse_product(text);
  Concurrent onednn(spec, threads,
                    [](const ProductSpec& s) { return make_onednn_product(s, best_level()); });
  Concurrent chosen(spec, threads,
                    [](const ProductSpec& s) { return make_product(s, Mode::fast, best_level()); });
  std::vector<const char*> names{"chosen"};
  std::vector<Measure> ways{on_each_core(threads, [&](std::size_t t) { chosen.run(t); })};
  if (onednn) {
    names.push_back("concurrent");
    ways.push_back(on_each_core(threads, [&](std::size_t t) { onednn.run(t); }));
  }
#ifdef DIABOLO_HAVE_ONEDNN
  const Buffer a = bench::some_floats(spec.m * spec.k), b = bench::some_floats(spec.k * spec.n);
  Buffer c = bench::some_floats(spec.m * spec.n);
  if (onednn && threads > 1) {
    names.push_back("threaded");
    ways.push_back(in_this_thread([&] { threaded(spec, threads, a, b, c); }));
  }
#endif
  const std::vector<double> times = medians(ways);
  std::printf("{\"product\": \"%s\"", text.c_str());
  for (std::size_t w = 0; w < names.size(); ++w) std::printf(", \"%s\": %.5f", names[w], times[w]);
  std::printf("}");
  return *std::ranges::min_element(times);
}

// Bytes a second of a loop over arrays that take `bytes` together, each thread on its part.
double bandwidth(double bytes, int threads) {
  const auto count =
      std::max<std::int64_t>(static_cast<std::int64_t>(bytes / 2 / sizeof(float)) / threads, 64);
  std::vector<Buffer> a, b;
  for (int t = 0; t < threads; ++t) {
    a.push_back(bench::some_floats(count));
    b.push_back(bench::some_floats(count));
  }
  const auto at = [](Buffer& x) { return reinterpret_cast<float*>(x.data()); };
  const Measure all =
      on_each_core(threads, [&](std::size_t t) { bench::blend(at(a[t]), at(b[t]), count); });
  return 3.0 * sizeof(float) * static_cast<double>(count * threads) / (medians({all})[0] * 1e-3);
}

void measure(const std::vector<std::string>& products, double parameters, double shards,
             int threads) {
  double sum = 0;
  std::printf("{\"products\": [");
  for (std::size_t i = 0; i < products.size(); ++i) {
    std::printf("%s\n  ", i > 0 ? "," : "");
    sum += measure_product(products[i], threads);
  }
  std::printf("],\n \"products_ms\": %.5f", sum);
  if (parameters > 0) {
    // Parameters, two moments and the gradients lie in memory. Folding reads every gradient and
    // writes one; Adam reads four arrays and writes three.
    const double array = parameters * sizeof(float);
    const double rate = bandwidth((3 + shards) * array, threads);
    const double bytes = (shards + 1 + 7) * array;
    std::printf(",\n \"gigabytes_per_second\": %.3f, \"optimiser_ms\": %.5f", rate * 1e-9,
                bytes / rate * 1e3);
  }
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  int threads = 1;
  double parameters = 0, shards = 1;
  std::vector<std::string> products;
  CLI::App app("Best times of a training step's parts.");
  app.add_option("THREADS", threads)->required();
  app.add_option("PRODUCTS", products, "MxNxK[ta][tb], the whole batch");
  app.add_option("--parameters", parameters);
  app.add_option("--shards", shards);
  app.add_option("--rounds", rounds);
  CLI11_PARSE(app, argc, argv);
  try {
    measure(products, parameters, shards, threads);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_ceiling: %s\n", error.what());
    return 1;
  }
}
