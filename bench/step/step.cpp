// Time of a whole training step (batch, forward, backward, Adam), median over many steps, in ms.
//
//   bench_step [D HIDDEN[,HIDDEN...] LATENT BATCH LIKELIHOOD THREADS] [--seconds S] [--dense]
//              [--precision f32|bf16]
//   bench_step ... --profile        also parameters, shards, and the plan of a shard with times
//   bench_step ... --loss FOLDER
//
// With --loss it writes what the first step starts from and the loss that it finds
// (bench/peers/problem.py says how), so that a peer can be checked to compute the same. --dense
// keeps from the plan that inputs are 0 or 1: products then are as for any numbers.
#include <diabolo/diabolo.h>
#include <diabolo/models/model_data.h>
#include <diabolo/plan/plan.h>
#include <diabolo/train/step.h>

#include <problem/problem.h>
#include <problem/timing.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <numeric>
#include <string>

namespace {

using namespace diabolo;

constexpr std::int64_t kBatches = 8;
constexpr std::uint64_t kPass = 1;

struct Workload {
  std::int64_t dimensions = 784;
  std::vector<std::int64_t> hidden{400};
  std::int64_t latent = 20, batch = 128;
  std::string likelihood = "bernoulli";
  int threads = 0;
  bool dense = false;
  std::string precision = "f32";
};

std::vector<std::int64_t> batch_rows(std::int64_t batch, std::int64_t step) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(batch));
  std::iota(rows.begin(), rows.end(), step % kBatches * batch);
  return rows;
}

// The noise that a step draws for the codes of rows 0 to B: a function of seed, pass and row.
Tensor noise_of_first_batch(const FitJob& job, std::int64_t B, std::int64_t Z) {
  Graph graph;
  Parameters parameters, state;
  const Var keys = input(graph, "keys", DType::u64, {B});
  const Scope scope(graph, parameters, state, {.keys = keys, .stream = Stream::train});
  const std::vector<Output> outputs{{scope.normal({B, Z}, "noise"), "noise", 0}};
  const Plan plan(graph, outputs);
  Tensor noise(DType::f32, {B, Z}), rows(DType::u64, {B});
  std::iota(rows.as<std::uint64_t>().begin(), rows.as<std::uint64_t>().end(), 0);
  Workspace workspace = plan.make_workspace();
  workspace.bind(plan.slot("keys"), rows.data());
  workspace.bind(plan.slot("noise"), noise.data());
  plan.run(workspace, {.seed = job.seed, .pass = kPass});
  return noise;
}

void write_loss(const std::filesystem::path& folder, const Workload& w, const FitJob& job,
                const ModelData& model, const Dataset& data, TrainingStep& step) {
  bench::save_values(folder, "x", data);
  bench::save(folder, "noise", noise_of_first_batch(job, w.batch, w.latent));
  bench::save_parameters(folder, model);
  const double loss = step.run(batch_rows(w.batch, 0), kPass, 1e-3, 1).loss;
  bench::save_problem(folder, model, w.batch, {{"loss", loss}});
}

void measure(const Workload& w, double seconds, const std::string& folder, bool profile) {
  const Dataset data = bench::make_data(kBatches * w.batch, w.dimensions, w.likelihood);
  const FitOptions options{.latent = w.latent,
                           .hidden = w.hidden,
                           .likelihood = w.likelihood,
                           .scale = "none",
                           .batch_size = w.batch,
                           .precision = w.precision,
                           .threads = w.threads};
  const Components components;
  FitJob job = make_job(options, data, data.size(), components);
  if (w.dense) job.zero_one = false;
  ModelData model = make_model(job.composition, components, job.transform, data.row_shape, 0);
  const Vae vae = make_vae(model, components);
  ThreadPool pool(job.threads);
  PhaseState state;
  TrainingStep step(model, vae, job, data, pool, state);
  if (!folder.empty()) return write_loss(folder, w, job, model, data, step);

  std::vector<std::vector<std::int64_t>> rows;
  for (int i = 0; i < kBatches; ++i) rows.push_back(batch_rows(w.batch, i));
  step.set_profiling(profile);
  std::printf("%.4f\n", bench::median_milliseconds(seconds, [&](std::int64_t i) {
                step.run(rows[static_cast<std::size_t>(i % kBatches)], kPass, 1e-3, 1);
              }));
  if (profile)
    std::printf("parameters %lld, shards %lld\n%s", static_cast<long long>(model.parameters.size()),
                static_cast<long long>(step.shards()), step.profile().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Workload w;
  double seconds = 3;
  std::string folder;
  bool profile = false;
  CLI::App app("Time of a training step, in ms.");
  app.add_option("D", w.dimensions, "width of the data");
  std::string hidden = "400";
  app.add_option("HIDDEN", hidden, "widths of the encoder, with commas");
  app.add_option("LATENT", w.latent);
  app.add_option("BATCH", w.batch);
  app.add_option("LIKELIHOOD", w.likelihood);
  app.add_option("THREADS", w.threads);
  app.add_option("--seconds", seconds);
  app.add_option("--precision", w.precision, "f32 or bf16");
  app.add_option("--loss", folder, "write the first step's start and loss there; time nothing");
  app.add_flag("--profile", profile);
  app.add_flag("--dense", w.dense, "do not tell the plan that inputs are 0 or 1");
  CLI11_PARSE(app, argc, argv);
  w.hidden.clear();
  for (const std::string& width : CLI::detail::split(hidden, ','))
    w.hidden.push_back(std::stol(width));
  try {
    measure(w, seconds, folder, profile);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_step: %s\n", error.what());
    return 1;
  }
}
