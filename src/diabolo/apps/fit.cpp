#include <diabolo/apps/fit.h>
#include <diabolo/base/log.h>
#include <diabolo/data/source.h>
#include <diabolo/io/schema_file.h>
#include <diabolo/models/model_data.h>
#include <diabolo/train/constant_columns.h>
#include <diabolo/train/findings.h>
#include <diabolo/train/guard.h>
#include <diabolo/train/rows.h>
#include <diabolo/train/score_reference.h>

#include <algorithm>
#include <charconv>
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

std::string fingerprint_of(const Dataset* data) { return data ? data->fingerprint_text() : ""; }

std::string names_of(const Schema& schema) {
  std::string names;
  for (const ColumnSchema& column : schema.columns)
    names += (names.empty() ? "" : ", ") + in_quotes(column.field.name);
  return names;
}

// Rows at equal distances: where none are held out, those of the table itself must do.
Dataset some_of(const Dataset& data) {
  constexpr std::int64_t kMost = 4000;
  const std::int64_t count = std::min(data.size(), kMost);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < count; ++i) rows.push_back(i * data.size() / count);
  return data.select(rows);
}

constexpr const char* kOrder = " (a query gives the same rows again only with ORDER BY)";

// Two schemas: an inferred one has numbers of the data too, which depend on the order of rows.
void check_columns(const Schema& expected, const Schema& now, const char* what,
                   const std::string& name, std::string_view advice) {
  check(names_of(expected) == names_of(now), ErrorCode::invalid_argument, "data",
        "expected the columns {} ({}), got {} in {}; give a table with these", what,
        names_of(expected), names_of(now), name);
  const auto text = [](ColumnSchema column) {
    column.why.clear();
    return schema_to_json({.columns = {std::move(column)}});
  };
  for (std::size_t i = 0; i < now.columns.size(); ++i)
    check(text(expected.columns[i]) == text(now.columns[i]), ErrorCode::invalid_argument, "data",
          "expected column {} {}, got one of other values or another kind in {}; {}",
          in_quotes(now.columns[i].field.name), what, name, advice);
}

// The numbers of a trained model, for a new training of it.
void begin_with(const ModelData& init, const Dataset& data, ModelData& model) {
  check(init.row_shape == model.row_shape && init.dtype == data.values.dtype(), ErrorCode::shape,
        "init",
        "expected rows of {} {}, as the model to begin with was trained on, got {} {} in {}",
        init.row_shape, name(init.dtype), model.row_shape, name(data.values.dtype()), data.name);
  check_columns(init.schema, model.schema, "of the model to begin with", data.name,
                "read it by the schema of that model");
  const auto copy = [](const Parameters& from, const Tensor& values, const Parameters& to,
                       Tensor& into, std::string_view but) {
    for (const ParameterInfo& target : to.all())
      for (const ParameterInfo& source : from.all())
        if (source.name == target.name && source.shape == target.shape &&
            (but.empty() || !source.name.starts_with(but)))
          std::copy_n(values.as<float>().begin() + source.offset, source.shape.size(),
                      into.as<float>().begin() + target.offset);
  };
  copy(init.parameters, init.values, model.parameters, model.values, "");
  copy(init.state, init.state_values, model.state, model.state_values, "prior.");  // fitted anew
}

// Of a setting; 0 for what is none.
std::int64_t number_of(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// What a training that goes on must have in common with the one that began. The numbers of a job
// that follow from the data are settings too.
void check_same(const Checkpoint& begun, const ModelData& now, const Dataset& data,
                const Dataset* valid) {
  constexpr const char* kAdvice = "give what the run began with, or choose another folder";
  const auto expect = [&](const char* what, const auto& before, const auto& after) {
    check(before == after, ErrorCode::invalid_argument, "resume",
          "expected {} as the run began ({}), got {} in {}; {}", what, before, after, data.name,
          kAdvice);
  };
  const ModelData& old = begun.model;
  expect("as many rows", begun.state.data_rows, data.size());
  expect("rows of this shape", old.row_shape, now.row_shape);
  const auto lacking = [](const ModelData& model) {
    return model.composition.missing ? "values may be missing" : "none is missing";
  };
  expect("rows", lacking(old), lacking(now));
  check_columns(old.schema, now.schema, "as the run began", data.name,
                fmt::format("give the same rows{}", kOrder));
  const auto expect_values = [&](const char* what, const std::string& name, bool is_same) {
    check(is_same, ErrorCode::invalid_argument, "resume",
          "expected the {} as the run began, got others in {}; {}{}", what, name, kAdvice, kOrder);
  };
  expect_values("values", data.name, old.fingerprint == now.fingerprint);
  expect_values("rows for validation", valid ? valid->name : data.name,
                begun.state.valid_fingerprint == fingerprint_of(valid));
  for (const auto& [name, before] : old.settings) {
    const auto found = now.settings.find(name);
    const std::string after = found == now.settings.end() ? "" : found->second;
    if (name == "epochs" ? number_of(before) <= number_of(after) : before == after) continue;
    throw ChangedSetting(ErrorCode::invalid_argument, "resume",
                         fmt::format("expected --{} {} as the run began{}, got '{}'; {}", name,
                                     before, name == "epochs" ? " or more" : "", after, kAdvice));
  }
}

}  // namespace

Model fit(const Dataset& data, const FitOptions& options, const FitExtras& extras) {
  for (const Dataset* rows : {&data, extras.valid}) {
    if (!rows) continue;
    check(rows->size() >= 1, ErrorCode::invalid_argument, "fit",
          "expected at least one row of data, got none in {}", rows->name);
    const bool may_lack =
        extras.init ? extras.init->composition.missing : options.missing || rows->schema;
    check_finite(rows->values, rows->name, may_lack);
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
      training.valid_rows = std::move(valid);
    }
  }
  const FitJob job =
      make_job(options, data, std::ssize(training.rows), extras.components, extras.init);
  warn_about(job, data);

  ModelData model =
      make_model(job.composition, extras.components, job.transform, data.row_shape, job.seed);
  if (data.schema) model.schema = *data.schema;
  if (extras.valid) check_rows(model, make_vae(model, extras.components), *extras.valid);
  model.is_image = data.is_image;
  model.dtype = data.values.dtype();
  model.fingerprint = data.fingerprint_text();
  model.settings = job.settings;
  model.holes = hole_patterns(data, job.seed);
  if (extras.init)
    begin_with(*extras.init, data, model);
  else
    begin_constant_columns(model, extras.components, data, training.rows);
  ThreadPool pool(job.threads);
  TrainingState fresh, &state = extras.checkpoint ? extras.checkpoint->state : fresh;
  if (state.is_begun()) {
    check_same(*extras.checkpoint, model, data, extras.valid);
    model = std::move(extras.checkpoint->model);
    model.settings = job.settings;
  } else {
    state = {};  // of a checkpoint that holds no training
  }
  state.data_rows = data.size();
  state.valid_fingerprint = fingerprint_of(extras.valid);
  train(model, extras.components, job, training, pool, extras.hooks, state);
  const ModelPrograms programs(model, extras.components, job.mode);
  if (programs.vae().has_bound() && !data.is_image) {
    if (!training.valid) held_out = some_of(data);
    model.score_reference =
        score_reference(programs, training.valid ? *training.valid : held_out, job.seed, &pool);
  }
  if (state.bad.has_diverged()) {
    const std::string text = advice(state.bad);
    check(static_cast<bool>(extras.hooks.on_divergence), ErrorCode::not_finite, "fit",
          "expected a training of finite steps, got {} that were not; {}", BadSteps::kMost, text);
    extras.hooks.on_divergence(text);
  }
  for (const std::string& sentence : sentences(model, extras.components))
    log(LogLevel::warning, sentence);
  return Model(std::move(model), extras.components);
}

}  // namespace diabolo
