#include <diabolo/apps/fit.h>
#include <diabolo/base/log.h>
#include <diabolo/models/model_data.h>

#include <numeric>

namespace diabolo {
namespace {

void warn_about(const FitJob& job, const Dataset& data) {
  if (job.composition.latent > data.dimensions())
    log(LogLevel::warning,
        fmt::format("more latent dimensions ({}) than columns ({}); fewer would do as well",
                    job.composition.latent, data.dimensions()));
}

}  // namespace

Model fit(const Dataset& data, const FitOptions& options, const FitExtras& extras) {
  if (data.values.dtype() == DType::f32) check_finite(data.values, data.name);
  TrainingData training{.train = &data, .rows = {}, .valid = extras.valid};
  Dataset held_out;
  if (extras.valid) {
    training.rows.resize(static_cast<std::size_t>(data.size()));
    std::iota(training.rows.begin(), training.rows.end(), 0);
    check(extras.valid->dimensions() == data.dimensions(), ErrorCode::shape, "valid",
          "expected validation rows of {} numbers, got {} in {}", data.dimensions(),
          extras.valid->dimensions(), extras.valid->name);
    if (extras.valid->values.dtype() == DType::f32)
      check_finite(extras.valid->values, extras.valid->name);
  } else {
    auto [rows, valid] = split_rows(data.size(), options.valid, options.seed);
    training.rows = std::move(rows);
    if (!valid.empty()) {
      held_out = data.select(valid);
      training.valid = &held_out;
    }
  }
  const FitJob job = make_job(options, data, std::ssize(training.rows), extras.components);
  warn_about(job, data);

  ModelData model =
      make_model(job.composition, extras.components, job.transform, data.row_shape, job.seed);
  model.is_image = data.is_image;
  model.dtype = data.values.dtype();
  model.fingerprint = fmt::format("{:016x}", data.fingerprint());
  model.settings = job.settings;
  ThreadPool pool(job.threads);
  train(model, extras.components, job, training, pool, extras.hooks);
  Model result(std::move(model), extras.components);
  if (job.mode == kernels::Mode::reproducible) result.set_reproducible(true);
  return result;
}

}  // namespace diabolo
