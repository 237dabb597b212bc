// Time of a whole training step (batch, forward, backward, Adam), median over many steps, in ms.
//
//   bench_step [D HIDDEN[,HIDDEN...] LATENT BATCH LIKELIHOOD THREADS] [--seconds S] [--profile]
//   bench_step ... --loss FOLDER
//
// With --loss it writes what the first step starts from and the loss that it finds
// (bench/peers/problem.py says how), so that a peer can be checked to compute the same.
#include <diabolo/data/npy.h>
#include <diabolo/data/read.h>
#include <diabolo/diabolo.h>
#include <diabolo/models/model_data.h>
#include <diabolo/plan/plan.h>
#include <diabolo/train/step.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>

namespace {

using namespace diabolo;

constexpr std::int64_t kBatches = 8;
constexpr std::uint64_t kPass = 1;
const char* const kPictures = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";

struct Workload {
  std::int64_t dimensions = 784;
  std::vector<std::int64_t> hidden{400};
  std::int64_t latent = 20, batch = 128;
  std::string likelihood = "bernoulli";
  int threads = 0;
};

// Zeros and ones as bytes for Bernoulli (pictures of clothes cut at one half, if they are as wide),
// normal numbers as floats otherwise.
Dataset make_data(const Workload& w) {
  const std::int64_t N = kBatches * w.batch, D = w.dimensions;
  const bool binary = w.likelihood == "bernoulli";
  Tensor values(binary ? DType::u8 : DType::f32, {N, D});
  if (binary && D == 784 && std::filesystem::exists(kPictures)) {
    const Dataset pictures = read(kPictures);
    const auto from = pictures.values.as<std::uint8_t>();
    const auto to = values.as<std::uint8_t>();
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i % from.size()] >= 128;
    return Dataset::from(std::move(values), "pictures");
  }
  RandomStream random({.seed = 1});
  if (binary)
    for (auto& x : values.as<std::uint8_t>()) x = random.uniform() < 0.3;
  else
    for (auto& x : values.as<float>()) x = static_cast<float>(random.normal());
  return Dataset::from(std::move(values), "random");
}

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

void write_start(const std::filesystem::path& folder, const Workload& w, const FitJob& job,
                 const ModelData& model, const Dataset& data) {
  std::filesystem::create_directories(folder);
  const auto save = [&](const std::string& name, const Tensor& tensor) {
    write_npy(tensor, tensor.shape(), folder / (name + ".npy"));
  };
  Tensor x(DType::f32, data.values.shape());
  if (data.values.dtype() == DType::u8)
    std::ranges::copy(data.values.as<std::uint8_t>(), x.as<float>().begin());
  else
    std::ranges::copy(data.values.as<float>(), x.as<float>().begin());
  save("x", x);
  save("noise", noise_of_first_batch(job, w.batch, w.latent));
  for (const ParameterInfo& info : model.parameters.all())
    save(info.name,
         Tensor::of<float>(info.shape, model.values.as<float>().subspan(
                                           static_cast<std::size_t>(info.offset),
                                           static_cast<std::size_t>(info.shape.size()))));
}

void write_problem(const std::filesystem::path& folder, const Workload& w, const ModelData& model,
                   double loss) {
  std::ofstream out(folder / "problem.json");
  out.precision(17);
  out << "{\"batch\": " << w.batch << ", \"likelihood\": \"" << w.likelihood
      << "\", \"loss\": " << loss << ", \"parameters\": [";
  const char* comma = "";
  for (const ParameterInfo& info : model.parameters.all())
    out << std::exchange(comma, ", ") << '"' << info.name << '"';
  out << "]}\n";
}

double median_step(TrainingStep& step, std::int64_t batch, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::vector<std::int64_t>> rows;
  for (int i = 0; i < kBatches; ++i) rows.push_back(batch_rows(batch, i));
  std::vector<double> times;
  const auto began = Clock::now();
  for (std::size_t i = 0;; ++i) {
    const auto before = Clock::now();
    step.run(rows[i % kBatches], kPass, 1e-3, 1);
    const auto after = Clock::now();
    // The first steps warm up, unless they are long.
    if (i >= 10 || after - began > std::chrono::duration<double>(seconds / 2))
      times.push_back(std::chrono::duration<double, std::milli>(after - before).count());
    if (after - began > std::chrono::duration<double>(seconds) && times.size() >= 3) break;
  }
  std::ranges::nth_element(times, times.begin() + std::ssize(times) / 2);
  return times[times.size() / 2];
}

void measure(const Workload& w, double seconds, const std::string& folder, bool profile) {
  const Dataset data = make_data(w);
  const FitOptions options{.latent = w.latent,
                           .hidden = w.hidden,
                           .likelihood = w.likelihood,
                           .scale = "none",
                           .batch_size = w.batch,
                           .threads = w.threads};
  const Components components;
  const FitJob job = make_job(options, data, data.size(), components);
  ModelData model = make_model(job.composition, components, job.transform, data.row_shape, 0);
  const Vae vae = make_vae(model, components);
  ThreadPool pool(job.threads);
  TrainingStep step(model, vae, job, data, pool);
  if (!folder.empty()) {
    write_start(folder, w, job, model, data);
    write_problem(folder, w, model, step.run(batch_rows(w.batch, 0), kPass, 1e-3, 1).loss);
    return;
  }
  step.set_profiling(profile);
  std::printf("%.4f\n", median_step(step, w.batch, seconds));
  if (profile) std::printf("%s", step.profile().c_str());
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
  app.add_option("--loss", folder, "write the first step's start and loss there; time nothing");
  app.add_flag("--profile", profile);
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
