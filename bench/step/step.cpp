// Time of a whole training step (batch, forward, backward, Adam), median over many steps, in ms.
//   bench_step [D HIDDEN LATENT BATCH LIKELIHOOD THREADS [--profile]]
// compare.py runs it beside PyTorch.
#include <diabolo/diabolo.h>
#include <diabolo/models/model_data.h>
#include <diabolo/train/step.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>

using namespace diabolo;

int main(int argc, char** argv) {
  const char* usual[] = {argv[0], "784", "400", "20", "128", "bernoulli", "2", "--profile"};
  if (argc < 7) argc = static_cast<int>(std::size(usual)), argv = const_cast<char**>(usual);
  const std::int64_t D = std::atol(argv[1]), hidden = std::atol(argv[2]), B = std::atol(argv[4]);
  const std::string likelihood = argv[5];
  const std::int64_t N = 8 * B;

  // Zeros and ones as bytes for Bernoulli, normal numbers as floats otherwise.
  const bool binary = likelihood == "bernoulli";
  Tensor values(binary ? DType::u8 : DType::f32, {N, D});
  RandomStream random({.seed = 1});
  for (std::size_t i = 0; i < static_cast<std::size_t>(N * D); ++i) {
    if (binary)
      values.as<std::uint8_t>()[i] = random.uniform() < 0.3;
    else
      values.as<float>()[i] = static_cast<float>(random.normal());
  }
  const Dataset data = Dataset::from(std::move(values), "random");
  const FitOptions options{.latent = std::atol(argv[3]),
                           .hidden = {hidden},
                           .likelihood = likelihood,
                           .batch_size = B,
                           .threads = std::atoi(argv[6])};
  const Components components;
  const FitJob job = make_job(options, data, N, components);
  ModelData model = make_model(job.composition, components, job.transform, data.row_shape, 0);
  const Vae vae = make_vae(model, components);
  ThreadPool pool(job.threads);
  TrainingStep step(model, vae, job, data, pool);
  step.set_profiling(argc > 7);

  std::vector<std::int64_t> rows(static_cast<std::size_t>(B));
  std::vector<double> times;
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20000; ++i) {
    std::iota(rows.begin(), rows.end(), (i % 8) * B);
    const auto before = std::chrono::steady_clock::now();
    step.run(rows, 1, 1e-3, 1);
    const auto after = std::chrono::steady_clock::now();
    if (i >= 10) times.push_back(std::chrono::duration<double, std::milli>(after - before).count());
    if (after - began > std::chrono::seconds(3) && i > 30) break;
  }
  std::nth_element(times.begin(), times.begin() + std::ssize(times) / 2, times.end());
  std::printf("%.4f\n", times[times.size() / 2]);
  if (argc > 7) std::printf("%s", step.profile().c_str());
}
