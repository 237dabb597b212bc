// Small data and small trainings for the tests of this layer.
#pragma once

#include <diabolo/base/random.h>
#include <diabolo/train/bound.h>
#include <diabolo/train/trainer.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace diabolo::testing {

/// Rows near a curve in D dimensions, f32.
inline Dataset curve(std::int64_t rows, std::int64_t dimensions, std::uint64_t seed = 1) {
  RandomStream random({.seed = seed});
  std::vector<float> values;
  for (std::int64_t r = 0; r < rows; ++r) {
    const double t = random.normal();
    for (std::int64_t d = 0; d < dimensions; ++d)
      values.push_back(static_cast<float>(std::sin(t * (1 + 0.3 * static_cast<double>(d))) +
                                          0.2 * random.normal()));
  }
  return Dataset::from(Tensor::of<float>({rows, dimensions}, values), "curve");
}

/// Grey stripes, u8 from 0 to 255.
inline Dataset stripes(std::int64_t rows, std::int64_t dimensions, std::uint64_t seed = 1) {
  RandomStream random({.seed = seed});
  std::vector<std::uint8_t> values;
  for (std::int64_t r = 0; r < rows; ++r) {
    const double phase = 6 * random.uniform();
    for (std::int64_t d = 0; d < dimensions; ++d)
      values.push_back(
          static_cast<std::uint8_t>(127.5 + 127 * std::sin(phase + 0.8 * static_cast<double>(d))));
  }
  return Dataset::from(Tensor::of<std::uint8_t>({rows, dimensions}, values), "stripes");
}

/// The same numbers as floats.
inline Dataset as_floats(const Dataset& data) {
  const auto from = data.values.as<std::uint8_t>();
  const std::vector<float> values(from.begin(), from.end());
  return Dataset::from(Tensor::of<float>(data.values.shape(), values), data.name);
}

/// A share of the values missing, by a NaN of these bits; the first row has none at all.
inline Dataset with_holes(Dataset data, double share, std::uint32_t bits = 0x7fc00000) {
  RandomStream random({.seed = 8});
  const auto x = data.values.as<float>();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool is_hole =
        random.uniform() < share || i < static_cast<std::size_t>(data.dimensions());
    if (is_hole) std::memcpy(&x[i], &bits, sizeof bits);
  }
  return data;
}

inline std::vector<std::int64_t> all_rows(const Dataset& data) {
  std::vector<std::int64_t> rows;
  for (std::int64_t r = 0; r < data.size(); ++r) rows.push_back(r);
  return rows;
}

/// Small enough for a test, and the model as it is called: nothing that matters is left to the
/// defaults, which are tuned.
inline FitOptions quick(const std::string& model = "vae") {
  FitOptions o;
  o.model = model;
  o.latent = 2;
  o.hidden = {8};
  o.epochs = 3;
  o.batch_size = 16;
  o.patience = 10;
  o.learning_rate = 1e-3;
  o.schedule = "constant";
  o.trim = 0;
  if (model == "vae") o.beta = 1;
  if (model != "ae") o.components = {{"prior", "standard"}};
  return o;
}

struct TinyFit {
  FitJob job;
  ModelData model;
  TrainingState state;
  std::vector<EpochReport> reports;

  /// A job and an untrained model for it.
  TinyFit(const FitOptions& options, const Dataset& data)
      : job(make_job(options, data, data.size(), {})),
        model(make_model(job.composition, {}, job.transform, data.row_shape, job.seed)) {
    if (data.schema) model.schema = *data.schema;
  }

  /// Trains on all rows. `hooks` but for on_epoch, which may also be given.
  void train(const Dataset& data, const Dataset* valid = nullptr, int threads = 1,
             TrainerHooks hooks = {}) {
    ThreadPool pool(threads);
    auto on_epoch = hooks.on_epoch;
    hooks.on_epoch = [&](const EpochReport& report) {
      reports.push_back(report);
      return !on_epoch || on_epoch(report);
    };
    diabolo::train(model, {}, job, {&data, all_rows(data), valid}, pool, hooks, state);
  }

  Evaluation evaluate(const Dataset& data, const EvaluateOptions& options = {},
                      int threads = 1) const {
    ThreadPool pool(threads);
    return diabolo::evaluate(ModelPrograms(model, {}, job.mode), data, options, &pool);
  }

  std::vector<float> values() const {
    const auto v = model.values.as<float>();
    return {v.begin(), v.end()};
  }
};

}  // namespace diabolo::testing
