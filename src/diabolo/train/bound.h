// How good a model is on rows of data: the bound, the likelihood, the reconstruction.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/models/programs.h>

#include <optional>

namespace diabolo {

/// A latent is active if its mean varies over the rows by more than this (Burda et al., 2016).
inline constexpr double kActiveVariance = 0.01;

/// Means over rows, in nats on the data's own scale; empty where the model does not define it.
struct Evaluation {
  std::int64_t rows = 0, samples = 1;
  double dimensions = 0;  ///< observed cells a row
  std::uint64_t seed = 0;
  std::optional<double> elbo;  ///< log_px - kl for one posterior sample a row, whatever beta was
  double log_px = 0;           ///< log p(x|z) of that sample
  std::optional<double> kl;
  double loss = 0;                                ///< what training minimises
  std::optional<double> nll, nll_standard_error;  ///< importance-weighted, from two samples on
  /// nll in two parts that are no numbers of one kind (train/measure.h): of masses, of densities.
  std::optional<double> nll_discrete, nll_continuous;
  std::optional<double> bits_per_dim;  ///< where all is mass
  std::int64_t active_units = 0;       ///< latents whose mean varies over the rows: kActiveVariance
  std::vector<double> kl_per_unit;     ///< empty without a closed form
  std::optional<double> mse;  ///< of the reconstruction from the mean code, in the data's units
};

struct EvaluateOptions {
  std::int64_t samples = 1;
  std::uint64_t seed = 0;
  bool reconstruct = true;  ///< also the mse
  bool by_holes = true;     ///< rows with missing values by the partial encoder, if there is one
};

/// `pool` may be null. Throws as check_rows (rows.h) for data that the model cannot take.
Evaluation evaluate(const ModelPrograms& programs, const Dataset& data,
                    const EvaluateOptions& options, ThreadPool* pool);

/// What importance weighting says of each row; spans hold data.size() numbers, or none: then that
/// is not computed.
struct RowLikelihoods {
  std::span<double> marginal = {};  ///< log p(x)
  std::span<double> given_z = {};   ///< mean of log p(x|z) by the self-normalised weights
  std::span<double> columns = {};   ///< the same for each column of cells, [N, D], 0 where missing
};

/// Importance-weighted log p(x) of each row with `samples` draws (Burda et al., 2016), of its
/// observed values; `by_holes` as in EvaluateOptions. Throws `unsupported` for a model without a
/// bound.
void log_likelihood(const ModelPrograms& programs, const Dataset& data, std::int64_t samples,
                    std::uint64_t seed, ThreadPool* pool, const RowLikelihoods& out,
                    bool by_holes = true);

/// Mean over rows of Vae::masked_loss.
double masked_loss(const ModelPrograms& programs, const Dataset& data, std::uint64_t seed,
                   ThreadPool* pool);

/// Calls f(encoder, rows of data, their places in data) for the rows that each encoder is for: the
/// partial one takes rows with missing values, if the model has one. Without such rows, or without
/// such an encoder, there is one call with `data` itself, and no places: they are 0, 1, ...
void for_each_encoder(const ModelPrograms& programs, const Dataset& data,
                      FunctionRef<void(EncoderChoice encoder, const Dataset& rows,
                                       std::span<const std::int64_t> places)>
                          f);

/// The network's numbers and noise keys of rows, a block at a time: f(first row, net [n, D], keys).
/// Blocks bound the memory; they are handled one after another. Returns what check_rows says.
RowsIn for_each_block(const ModelPrograms& programs, const Dataset& data, std::uint64_t seed,
                      ThreadPool* pool,
                      FunctionRef<void(std::int64_t first, std::span<const float> net,
                                       std::span<const std::uint64_t> keys)>
                          f);

/// Copies the chunk's rows of `data`, as they came, into its slot "x", and their keys into "keys".
void fill_chunk(RowProgram::Chunk& chunk, const Dataset& data);

/// Copies `width` floats a row into the slot "x" of a chunk, and keys into "keys".
void fill_chunk(RowProgram::Chunk& chunk, std::span<const float> net, std::int64_t width,
                std::span<const std::uint64_t> keys);

}  // namespace diabolo
