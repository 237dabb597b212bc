// One training step: the batch is cut into shards, the step's plan runs for each and writes its
// gradient, the gradients are folded in the order of the shards, and the optimiser passes over the
// flat arrays once. Each thread runs a share of the shards, one after another in the same memory.
//
// The layout of shards is a function of shapes, mode and thread count alone. In mode fast a thread
// has one shard, or several that stay in its cache where folding their gradients costs little; in
// mode reproducible they are fixed, so that any number of threads gives the same bits.
#pragma once

#include <diabolo/base/parallel.h>
#include <diabolo/data/dataset.h>
#include <diabolo/models/model_data.h>
#include <diabolo/plan/plan.h>
#include <diabolo/train/defaults.h>
#include <diabolo/train/training_state.h>

#include <memory>
#include <optional>

namespace diabolo {

/// Means over the rows of a batch; what a model does not define is 0.
struct StepMetrics {
  double loss = 0, log_px = 0, kl = 0, beta = 0;
  double gradient_norm = 0;               // before it is clipped
  bool is_finite = true;                  // loss and norm are; else there was no step
  std::vector<double> mean, mean_square;  // of the codes, per latent
};

struct BadRows {
  std::vector<std::int64_t> rows;
  bool is_complete = true;  // else it would have taken long to find all
};

/// What is trained: the model, or after it the encoder of partial rows, the rest frozen.
enum class Phase { model, partial };

class TrainingStep {
 public:
  /// `model`'s arrays are changed in place, and must not be by others: the step may keep them in
  /// bfloat16 too. Layout and optimiser are those of `state`, which a new phase leaves empty; of it
  /// shards, optimizer and steps change. All references must outlive the step.
  TrainingStep(ModelData& model, const Vae& vae, const FitJob& job, const Dataset& data,
               ThreadPool& pool, PhaseState& state, Phase phase = Phase::model);

  /// A step on rows `indices` of the data (at most the batch size). `pass` is the epoch, from 1.
  /// Where loss or gradient are not finite nothing has changed, not even the number of steps.
  StepMetrics run(std::span<const std::int64_t> indices, std::uint64_t pass, double learning_rate,
                  double warmup);

  /// The rows of such a batch that are not finite by themselves, by bisection with the noise of the
  /// step; none if only their sum is not.
  BadRows find_bad_rows(std::span<const std::int64_t> indices, std::uint64_t pass, double warmup);

  /// Parameters and state of before; the optimiser keeps its own.
  void go_on_from(const Tensor& values, const Tensor& state);

  std::int64_t shards() const { return static_cast<std::int64_t>(shards_.size()); }
  const Plan& plan() const { return *plan_; }
  /// Bytes of activations of all threads and of gradients of all shards.
  std::size_t bytes() const;
  /// Per-step times of the first thread, for --profile.
  std::string profile() const;
  void set_profiling(bool on);

 private:
  struct Worker {
    Workspace workspace;
    Tensor x, keys, weights;
  };
  struct Shard {
    Tensor gradient, metrics;
  };
  void build(std::int64_t shards);
  std::vector<Output> outputs_of_model(const Scope& scope, Var x, Var weights) const;
  std::vector<Output> outputs_of_partial(const Scope& scope, Var x, Var weights) const;
  std::int64_t shards_in_cache(std::int64_t shards) const;
  Worker make_worker() const;
  void run_shard(Worker& worker, Shard& shard, std::span<const std::int64_t> indices,
                 std::int64_t batch, std::uint64_t pass);
  void fill(Worker& worker, std::span<const std::int64_t> indices, std::int64_t batch);
  StepMetrics compute(std::span<const std::int64_t> indices, std::int64_t batch, std::uint64_t pass,
                      double warmup);
  double clip(double norm);
  StepMetrics fold_metrics(std::span<const Shard> used) const;
  double fold_gradients(std::span<Shard> used);
  void round_parameters(std::int64_t begin, std::int64_t count);
  float* gradient() { return shards_[0].gradient.as<float>().data(); }
  void update_parameters(double learning_rate, double scale);
  void update_state(double mean_kl);

  ModelData& model_;
  const Vae& vae_;
  const FitJob& job_;
  const Dataset& data_;
  ThreadPool& pool_;
  PhaseState& state_;
  Phase phase_;
  std::int64_t shard_rows_ = 0;
  std::optional<Plan> plan_, state_plan_;
  std::optional<Workspace> state_workspace_;
  Tensor new_state_, mean_kl_, warmup_;
  std::vector<Worker> workers_;
  std::vector<Shard> shards_;
  Buffer rounded_;  // the parameters in bfloat16, for products that read them so; else empty
  std::vector<double> chunk_norms_;
};

}  // namespace diabolo
