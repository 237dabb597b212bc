// A trained model and what it is good for. Every use is derived once from posterior, prior and
// likelihood, whatever the model is called.
//
// All members but set_threads, set_reproducible and the moves are const and safe from many threads
// at once; those must not run beside a call. A model that was fitted reproducibly stays so. It
// works in the calling thread unless set_threads says otherwise, and allocates nothing of its own
// once it has seen a batch size (results apart).
#pragma once

#include <diabolo/apps/impute.h>
#include <diabolo/data/columns.h>
#include <diabolo/models/vae.h>
#include <diabolo/train/bound.h>

#include <memory>
#include <string>
#include <vector>

namespace diabolo {

struct ModelData;

struct SampleOptions {
  std::uint64_t seed = 0;
  bool mean = false;  ///< means of the likelihood instead of draws
  /// Rows have holes (NaN) as the training data had them, if it had any.
  bool missing_like_data = false;
  std::int64_t samples = 200;  ///< codes that one is drawn from for each row of sample_given
};

struct ScoreOptions {
  std::int64_t samples = 16;
  std::uint64_t seed = 0;
  bool explain = false;  ///< also what each column adds
};

struct Scores {
  std::vector<double> score;   ///< -log p(x), high is abnormal
  std::vector<double> log_px;  ///< mean of log p(x|z) by the self-normalised weights
  std::vector<double> kl;      ///< log_px + score
  std::vector<double> why;     ///< [N, D] of each column, adding up to -log_px; or empty
  /// [N, D] what each column adds beyond its mean in held-out rows (explain.h: reasons); or empty.
  std::vector<double> excess;
};

class Model {
 public:
  /// Takes over a trained model; `components` must know every part of it.
  explicit Model(ModelData data, Components components = {});
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  // What a row gives depends on the row and the seed alone, to rounding; for a reproducible model
  // to the last bit.

  /// Codes of rows: latent means [N, Z] f32. Throws `shape` if the rows are of another width.
  Tensor encode(const Dataset& data, std::uint64_t seed = 0) const;
  /// `draws` samples of the posterior of each row: [N, draws, Z] f32.
  Tensor encode_draws(const Dataset& data, std::int64_t draws, std::uint64_t seed = 0) const;
  /// Data from codes [N, Z] f32: means as f32, or draws (`draw`) in the type of the training data.
  Dataset decode(const Tensor& codes, bool draw = false, std::uint64_t seed = 0) const;
  /// The means of the likelihood at the mean codes, f32, in the data's units.
  Dataset reconstruct(const Dataset& data, std::uint64_t seed = 0) const;
  /// `n` new rows, in the type of the training data (means: f32). Row i depends on the seed and i
  /// alone (to rounding, unless reproducible), so more rows begin with the same ones.
  Dataset sample(std::int64_t n, const SampleOptions& options = {}) const;

  /// New rows that have the values of `given`, a row each; its NaN are drawn given the others.
  /// Throws `unsupported` for a model without an encoder of partial rows.
  Dataset sample_given(const Dataset& given, const SampleOptions& options = {}) const;

  /// Anomaly score of each row: minus the importance-weighted log p(x), in nats, from `samples`
  /// draws (Burda et al., 2016); high is abnormal. Throws `unsupported` for a model without a
  /// bound.
  std::vector<double> score(const Dataset& data, std::int64_t samples = 16,
                            std::uint64_t seed = 0) const;
  /// The same with its parts.
  Scores score_rows(const Dataset& data, const ScoreOptions& options = {}) const;
  /// The score that a share of rows that the model has not seen exceeds. Throws `unsupported` if no
  /// scores were kept: the model was trained without validation, or has no bound.
  double score_threshold(double share) const;
  /// The same into `out` (data.size() numbers).
  void score(const Dataset& data, std::span<double> out, std::int64_t samples = 16,
             std::uint64_t seed = 0) const;
  /// Missing values (NaN) filled in, given the others of their row. Throws `unsupported` for a
  /// model without an encoder of partial rows.
  Imputation impute(const Dataset& data, const ImputeOptions& options = {}) const;
  /// The values of a column of a table given the others, whether the rows have them or not: means
  /// of numbers, the likeliest categories. Throws as `impute`, `invalid_argument` for no such
  /// column.
  Column predict(const Dataset& data, std::string_view name,
                 const ImputeOptions& options = {}) const;
  Evaluation evaluate(const Dataset& data, const EvaluateOptions& options = {}) const;

  /// One safetensors file, written whole or not at all.
  void save(const std::string& path) const;

  /// Threads that a call may use; 0: the cores of this process.
  void set_threads(int threads);
  /// Use portable kernels only: the same bits on every processor and for every thread count.
  void set_reproducible(bool on);

  std::int64_t latent() const;
  std::int64_t dimensions() const;
  /// Composition, settings, history and arrays.
  const ModelData& data() const;
  /// Of a table: what its columns are, for reading rows (read, make_table) that the model is to
  /// work on; else null.
  std::shared_ptr<const Schema> schema() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The model file of a run folder; a file is its own. Throws `io` for a run that has none yet.
std::string model_file(const std::string& path);

/// Reads a model file, or the `model.safetensors` of a run folder. `components` bring parts that
/// the library does not know. Throws `io`, `corrupt_file`, or `unsupported` naming a missing part.
Model load(const std::string& path, Components components = {});

}  // namespace diabolo
