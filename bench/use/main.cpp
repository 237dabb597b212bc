// Time of using a model 784-400-20 through the library's const Model, in ms.
//
//   bench_use encode|row|sample|score THREADS [--seconds S] [--grey]    median of a call
//   bench_use write FOLDER [--grey]        what peers start from, and what they must find
//
// encode: codes of all rows in one call. row: the code of one row. sample: rows drawn. score: the
// likelihood of rows from 16 draws. Rows are zeros and ones in bytes, which peers get as f32, or
// grey values from 0 to 1 in f32, which they get as they are. Weights are random: what they are
// changes no time.
#include <diabolo/diabolo.h>
#include <diabolo/train/defaults.h>

#include <problem/problem.h>
#include <problem/timing.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <numeric>
#include <string>

namespace {

using namespace diabolo;

constexpr std::int64_t kDimensions = 784, kDraws = 16, kBatch = 1000;
constexpr std::int64_t kSampled = 10000, kScored = 2000;

struct Sizes {
  std::int64_t rows = 60000;
  std::int64_t sampled() const { return std::min(rows, kSampled); }
  std::int64_t scored() const { return std::min(rows, kScored); }
};

Model random_model(const Dataset& data) {
  const Components components;
  const FitJob job =
      make_job({.latent = 20, .hidden = {400}, .likelihood = "bernoulli", .scale = "none"}, data,
               data.size(), components);
  ModelData model = make_model(job.composition, components, job.transform, data.row_shape, 0);
  model.dtype = data.values.dtype();
  return Model(std::move(model));
}

void write(const std::string& folder, const Model& model, const Dataset& data, const Sizes& sizes) {
  bench::save_values(folder, "x", data);
  bench::save(folder, "codes", model.encode(data));
  bench::save_parameters(folder, model.data());
  const std::vector<double> scores = model.score(data.rows(0, sizes.scored()), kDraws);
  const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / std::ssize(scores);
  bench::save_problem(folder, model.data(), kBatch,
                      {{"score", mean},
                       {"scored", static_cast<double>(sizes.scored())},
                       {"sampled", static_cast<double>(sizes.sampled())}});
}

double measure(const std::string& what, const Model& model, const Dataset& data, const Sizes& sizes,
               double seconds) {
  if (what == "encode")
    return bench::median_milliseconds(seconds, [&](std::int64_t) { model.encode(data); });
  if (what == "sample")
    return bench::median_milliseconds(seconds, [&](std::int64_t i) {
      model.sample(sizes.sampled(), {.seed = static_cast<std::uint64_t>(i)});
    });
  if (what == "score") {
    const Dataset rows = data.rows(0, sizes.scored());
    return bench::median_milliseconds(seconds, [&](std::int64_t) { model.score(rows, kDraws); });
  }
  check(what == "row", ErrorCode::invalid_argument, "bench",
        "expected encode, row, sample or score, got {}", what);
  std::vector<Dataset> rows;
  for (std::int64_t i = 0; i < 100; ++i) rows.push_back(data.rows(i, 1));
  return bench::median_milliseconds(
      seconds, [&](std::int64_t i) { model.encode(rows[static_cast<std::size_t>(i % 100)]); });
}

}  // namespace

int main(int argc, char** argv) {
  std::string what, where;
  Sizes sizes;
  double seconds = 1;
  CLI::App app("Time of using a model, in ms.");
  app.add_option("ACTIVITY", what, "encode, row, sample, score, or write")->required();
  app.add_option("THREADS", where, "threads; of write: the folder")->required();
  app.add_option("--seconds", seconds);
  app.add_option("--rows", sizes.rows, "at least 100");
  bool grey = false;
  app.add_flag("--grey", grey, "rows of grey values instead of zeros and ones");
  CLI11_PARSE(app, argc, argv);
  try {
    const Dataset data = grey ? bench::make_grey_data(sizes.rows, kDimensions)
                              : bench::make_data(sizes.rows, kDimensions, "bernoulli");
    Model model = random_model(data);
    if (what == "write") {
      write(where, model, data, sizes);
      return 0;
    }
    model.set_threads(std::stoi(where));
    std::printf("%.5f\n", measure(what, model, data, sizes, seconds));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_use: %s\n", error.what());
    return 1;
  }
}
