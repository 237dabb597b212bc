#include <diabolo/apps/fit.h>
#include <diabolo/base/log.h>
#include <diabolo/models/model_data.h>
#include <diabolo/train/rows.h>
#include <diabolo/train/score_reference.h>

#include <numeric>

namespace diabolo {
namespace {

void warn_about(const FitJob& job, const Dataset& data) {
  if (job.composition.latent > data.dimensions())
    log(LogLevel::warning,
        fmt::format("more latent dimensions ({}) than columns ({}); fewer would do as well",
                    job.composition.latent, data.dimensions()));
  if (job.beta_warmup >= static_cast<double>(job.epochs) && job.beta_warmup > 0)
    log(LogLevel::warning,
        fmt::format(
            "the KL warm-up of {} epochs is not over after {}; the KL term never has its full "
            "weight",
            job.beta_warmup, job.epochs));
  if (data.size() == 1)
    log(LogLevel::warning, "there is one row only: nothing can be learned of how rows differ");
}

// Rows at equal distances: where none are held out, those of the table itself must do.
Dataset some_of(const Dataset& data) {
  constexpr std::int64_t kMost = 4000;
  const std::int64_t count = std::min(data.size(), kMost);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < count; ++i) rows.push_back(i * data.size() / count);
  return data.select(rows);
}

}  // namespace

Model fit(const Dataset& data, const FitOptions& options, const FitExtras& extras) {
  for (const Dataset* rows : {&data, extras.valid}) {
    if (!rows) continue;
    check(rows->size() >= 1, ErrorCode::invalid_argument, "fit",
          "expected at least one row of data, got none in {}", rows->name);
    check_finite(rows->values, rows->name, options.missing || rows->schema);
  }
  TrainingData training{.train = &data, .rows = {}, .valid = extras.valid};
  Dataset held_out;
  if (extras.valid) {
    training.rows.resize(static_cast<std::size_t>(data.size()));
    std::iota(training.rows.begin(), training.rows.end(), 0);
    check(extras.valid->dimensions() == data.dimensions(), ErrorCode::shape, "valid",
          "expected validation rows of {} numbers, got {} in {}", data.dimensions(),
          extras.valid->dimensions(), extras.valid->name);
  } else {
    auto [rows, valid] = split_rows(data.size(), valid_fraction(options, data), options.seed);
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
  if (data.schema) model.schema = *data.schema;
  if (extras.valid) check_rows(model, make_vae(model, extras.components), *extras.valid);
  model.is_image = data.is_image;
  model.dtype = data.values.dtype();
  model.fingerprint = fmt::format("{:016x}", data.fingerprint());
  model.settings = job.settings;
  model.holes = hole_patterns(data, job.seed);
  ThreadPool pool(job.threads);
  train(model, extras.components, job, training, pool, extras.hooks);
  const ModelPrograms programs(model, extras.components, job.mode);
  if (programs.vae().has_bound() && !data.is_image) {
    if (!training.valid) held_out = some_of(data);
    model.score_reference =
        score_reference(programs, training.valid ? *training.valid : held_out, job.seed, &pool);
  }
  return Model(std::move(model), extras.components);
}

}  // namespace diabolo
