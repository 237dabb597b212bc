// What a fit can be told. The names are those of the command line (`--batch-size` is batch_size);
// what is left empty is chosen from the data (sizing.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace diabolo {

struct FitOptions {
  std::string model = "vae";                ///< a preset: ae, vae, beta-vae, constrained-vae
  std::optional<std::int64_t> latent = {};  ///< latent dimensions
  std::vector<std::int64_t> hidden = {};    ///< widths of the encoder; the decoder mirrors them
  std::vector<std::int64_t> decoder_hidden = {};
  std::string activation = "relu";
  std::string likelihood = "auto";          ///< bernoulli for 0/1 and binarised data, else normal
  std::string scale = "auto";               ///< u8 / 255, floats standardised per column; or none
  std::optional<double> beta = {};          ///< weight of the KL term
  std::optional<double> beta_warmup = {};   ///< epochs over which it rises from 0
  std::optional<double> kl_limit = {};      ///< nats; the KL is kept at or below it by a multiplier
  std::string binarize = "none";            ///< none, dynamic, threshold
  std::optional<std::int64_t> epochs = {};  ///< upper limit
  std::optional<std::int64_t> patience = {};  ///< epochs without a better validation loss; 0: never
                                              ///< stop
  std::optional<double> valid = {};           ///< fraction of rows kept for validation; 0: none
  std::optional<std::int64_t> batch_size = {};
  std::optional<double> learning_rate = {};
  std::optional<std::string> optimizer = {};  ///< adam, adamw
  std::optional<std::string> schedule =
      {};  ///< constant, linear, cosine: of the learning rate, to 0
  std::optional<double> weight_decay = {};  ///< of adamw
  /// Largest norm of the gradient; 0: no limit; empty (`auto`): far beyond those of the steps
  /// before.
  std::optional<double> clip_norm = {};
  std::optional<double> trim = {};  ///< share of the rows, the least likely, to leave out after a
                                    ///< quarter of the epochs
  bool missing = false;             ///< arrays: NaN is a missing value
  std::string partial =
      "auto";                 ///< on, off, or auto: a second encoder for rows with missing
                              ///< values, where there may be such (impute, predict, sample given)
  std::string mode = "fast";  ///< fast, reproducible
  std::string precision = "f32";  ///< f32, bf16: of the large products of a step
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: the cores this process may use
  /// Components by family, and their settings by dotted name: {"prior", "mixture"},
  /// {"prior.components", "10"}. Families: encoder, posterior, prior, decoder, likelihood,
  /// objective.
  std::map<std::string, std::string> components = {};
};

}  // namespace diabolo
