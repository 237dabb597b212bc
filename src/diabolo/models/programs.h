// The programs of a trained model: what is run to encode, decode, sample and measure rows. Each is
// compiled at first use and kept; all members are const and safe from many threads.
#pragma once

#include <diabolo/models/model_data.h>
#include <diabolo/models/row_program.h>

#include <map>
#include <optional>

namespace diabolo {

/// What a program reads as its input x [B, D].
struct RowsIn {
  std::optional<DType> raw = {};  ///< rows as they came, of this type; else the network's numbers
  bool zero_one = false;          ///< the network sees zeros and ones alone: products are cheaper
};

class ModelPrograms {
 public:
  /// `model` must outlive the programs.
  ModelPrograms(const ModelData& model, const Components& components, kernels::Mode mode);

  /// Inputs x [B, D] of `dtype` and keys u64 [B]; output net f32 [B, D]: the network's numbers.
  const RowProgram& prepare(DType dtype) const;
  /// Inputs x and keys; outputs log_px, loss [B], mean [B, Z], and where there is a bound kl [B]
  /// and perhaps kl_units [B, Z].
  const RowProgram& terms(EncoderChoice encoder = EncoderChoice::main) const;
  /// The bound of rows under random masks that trains the partial encoder: output loss [B].
  const RowProgram& masked_loss() const;
  /// The same inputs; outputs log_px and log_w = log p(x, z) - log q(z|x) [K, B] for K draws.
  const RowProgram& weights(std::int64_t draws, EncoderChoice encoder = EncoderChoice::main) const;
  /// The same and columns [K, B, D], whose sum is log_px.
  const RowProgram& column_weights(std::int64_t draws, EncoderChoice encoder) const;
  /// Inputs x and keys; outputs as Vae::Completion: z [K, B, Z], log_w [K, B], top [B], mean [B,
  /// F].
  const RowProgram& complete(std::int64_t draws) const;
  /// Inputs x and keys; output z [B, Z]: the mean code, or one draw of the posterior.
  const RowProgram& encode(bool draw, const RowsIn& in = {},
                           EncoderChoice encoder = EncoderChoice::main) const;
  /// Inputs z and keys; output net [B, D]: the mean, or one draw of the likelihood.
  const RowProgram& decode(bool draw) const;
  /// Input keys; output z [B, Z] from the prior.
  const RowProgram& sample_prior() const;
  /// Inputs x and keys; output net: the reconstruction from the mean code.
  const RowProgram& reconstruct(const RowsIn& in = {},
                                EncoderChoice encoder = EncoderChoice::main) const;

  /// Numbers a row that decode gives for means: one for each dimension, but for categories one for
  /// each level.
  std::int64_t features() const;
  const ModelData& model() const { return model_; }
  const Vae& vae() const { return vae_; }
  /// Runs a program with this model's arrays.
  void run(const RowProgram& program, std::int64_t rows, const RunContext& context,
           ThreadPool* pool, FunctionRef<void(RowProgram::Chunk&)> fill,
           FunctionRef<void(RowProgram::Chunk&)> take) const;

 private:
  using Body = std::function<std::vector<Output>(const Scope&, std::int64_t rows)>;
  /// The program of this name, made of `body` at its first use. What it captures is kept only then:
  /// a server that scores row after row allocates nothing.
  template <class F>
  const RowProgram& program(const std::string& name, Stream stream, const F& body) const {
    if (const RowProgram* known = find(name)) return *known;
    return add(name, stream, body);
  }
  const RowProgram* find(const std::string& name) const;
  const RowProgram& add(const std::string& name, Stream stream, Body body) const;
  Var read(const Scope& scope, std::int64_t rows, const RowsIn& in) const;

  const ModelData& model_;
  Vae vae_;
  PlanOptions options_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<RowProgram>> programs_;
};

/// The key of a row in evaluation: a hash of its values, whatever type they came in.
std::uint64_t row_key(const Tensor& values, std::int64_t row);

}  // namespace diabolo
