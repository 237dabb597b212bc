// What checkpoints cost a training: the time to write one of a 784-400-20 model to FOLDER, flushed
// to the disk, as a share of the time between two of them.
#include <diabolo/train/checkpoint.h>
#include <diabolo/train/step.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <numeric>

#include "problem/problem.h"
#include "problem/timing.h"

namespace diabolo {
namespace {

void measure(const std::string& folder, double between) {
  constexpr std::int64_t kRows = 512, kPixels = 784;
  const Dataset data = bench::make_data(kRows, kPixels, "bernoulli");
  const Components components;
  const FitJob job = make_job(
      {.latent = 20, .hidden = {400}, .likelihood = "bernoulli", .scale = "none"}, data, kRows, {});
  ModelData model = make_model(job.composition, components, job.transform, data.row_shape, 0);
  const Vae vae = make_vae(model, components);
  ThreadPool pool(job.threads);
  TrainingState state;
  TrainingStep step(model, vae, job, data, pool, state.model);
  std::vector<std::int64_t> rows(static_cast<std::size_t>(job.batch_size));
  std::iota(rows.begin(), rows.end(), 0);
  step.run(rows, 1, job.learning_rate, 1);
  state.model.best.values = model.values.clone();  // as of a training with validation
  state.model.best.state = model.state_values.clone();

  const std::string path = (std::filesystem::path(folder) / "bench-checkpoint").string();
  const double ms = bench::median_milliseconds(
      5, [&](std::int64_t) { write_checkpoint(path, model, state, false); });
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
  std::printf("%.1f ms for %.1f MB, %.3f %% of %g s\n", ms, bytes / 1e6, ms / between / 10,
              between);
}

}  // namespace
}  // namespace diabolo

int main(int argc, char** argv) {
  std::string folder = ".";
  double between = 60;
  CLI::App app("Time to write a checkpoint.");
  app.add_option("FOLDER", folder, "on the disk to measure")->check(CLI::ExistingDirectory);
  app.add_option("--every", between, "seconds between two")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    diabolo::measure(folder, between);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_checkpoint: %s\n", error.what());
    return 1;
  }
}
