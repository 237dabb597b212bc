// Everything that a trained model is, as plain data: what the model file holds, and what every
// consumer (training, apps) works from.
#pragma once

#include <diabolo/data/holes.h>
#include <diabolo/data/schema.h>
#include <diabolo/models/vae.h>
#include <diabolo/tensor/tensor.h>

#include <map>
#include <string>
#include <vector>

namespace diabolo {

/// One epoch, losses in nats per row. What a field cannot tell is NaN.
struct EpochRecord {
  std::int64_t epoch = 0, step = 0;
  double learning_rate = 0, beta = 0;
  double loss = 0, log_px = 0, kl = 0;
  double valid_loss = 0, valid_log_px = 0, valid_kl = 0;
  std::int64_t active_units = 0;
  std::string findings = {};  // train/findings.h
};

/// Calls f(name, number) for each number of a record, in the order of metrics.csv; whole numbers
/// are std::int64_t.
template <class F>
void for_each_number(const EpochRecord& r, F&& f) {
  f("epoch", r.epoch);
  f("step", r.step);
  f("learning_rate", r.learning_rate);
  f("beta", r.beta);
  f("loss", r.loss);
  f("log_px", r.log_px);
  f("kl", r.kl);
  f("valid_loss", r.valid_loss);
  f("valid_log_px", r.valid_log_px);
  f("valid_kl", r.valid_kl);
  f("active_units", r.active_units);
}

/// What scores of new rows are compared with (train/score_reference.h).
struct ScoreReference {
  std::vector<double> quantiles;      ///< of scores of held-out rows, rising, at equal steps
  std::vector<double> column_means;   ///< of what each column adds, in cells' units
  std::vector<double> missing_costs;  ///< of each missing column, and of many at once

  /// How many costs there are: beyond so many columns all have one.
  static std::int64_t count_of_costs(std::int64_t dimensions) {
    constexpr std::int64_t kMostColumns = 300;
    return dimensions > kMostColumns ? 2 : dimensions + 1;
  }
};

struct ModelData {
  Composition composition;
  Transform transform;
  Shape row_shape;  // of one row of data, e.g. [28, 28]
  bool is_image = false;
  DType dtype = DType::f32;  // of the training data: what samples are given back as
  std::int64_t dimensions = 0;
  Schema schema;  // of a table; empty for arrays

  Parameters parameters, state;  // the layouts
  Tensor values, state_values;   // f32, flat

  ScoreReference score_reference;
  std::vector<HolePattern> holes;               // of the training data; empty if it had none
  std::string fingerprint;                      // of the training data, hexadecimal
  std::map<std::string, std::string> settings;  // of the fit, as on the command line
  std::vector<EpochRecord> history;
  std::int64_t best_epoch = 0;
  std::string findings;  // what seems wrong with the training (train/findings.h)

  std::int64_t latent() const { return composition.latent; }
};

/// The epoch whose weights the model has; null if none was called best.
const EpochRecord* kept_epoch(const ModelData& model);

/// A model without numbers: the layouts of its arrays, nothing allocated. A model file is checked
/// against it before memory is taken.
ModelData lay_out_model(const Composition& composition, const Components& components,
                        const Transform& transform, const Shape& row_shape);

/// An untrained model: completes the composition, lays out and initialises all arrays.
/// Throws `invalid_argument` or `unsupported` for a composition that cannot be.
ModelData make_model(const Composition& composition, const Components& components,
                     const Transform& transform, const Shape& row_shape, std::uint64_t seed);

/// The builder of a model's graphs.
Vae make_vae(const ModelData& model, const Components& components);

/// Copies the encoder to the encoder of partial rows, which so begins as one that knows whole rows.
void begin_partial(ModelData& model);

/// The layouts of all arrays that a composition needs, in the order of declaration.
void declare_all(const Vae& vae, Parameters& parameters, Parameters& state);

}  // namespace diabolo
