#include <diabolo/graph/rows.h>
#include <diabolo/kernels/bf16.h>
#include <diabolo/kernels/optimizer.h>
#include <diabolo/ops/ops.h>
#include <diabolo/train/step.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace diabolo {
namespace {

// Flat arrays are folded and updated in pieces of this many numbers, whatever the thread count.
constexpr std::int64_t kPiece = 16384;
// In mode reproducible a shard has about this many rows.
constexpr std::int64_t kReproducibleRows = 32;
constexpr std::int64_t kReproducibleShards = 16;
// In mode fast the arrays of a shard are kept to about this many bytes, a second-level cache, as
// long as the shard's gradient, one more array to write and fold, is far smaller.
constexpr std::int64_t kCacheBytes = std::int64_t{1} << 20;
constexpr std::int64_t kArraysPerGradient = 16;
constexpr std::int64_t kFewestRows = 32;

// A norm beyond this many times the mean of the steps before is clipped, unless a limit is given.
// Healthy training stays far below (docs/robustness.md), so it is not touched. The mean forgets
// after kNormMemory steps, and is not believed before kFirstNorms.
constexpr double kClipFactor = 30;
constexpr std::int64_t kNormMemory = 100, kFirstNorms = 20;

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

enum Metric { kLoss, kLogPx, kKl, kWeight, kMean };  // then Z means and Z mean squares

std::int64_t shard_count(std::int64_t batch, kernels::Mode mode, int threads) {
  if (mode == kernels::Mode::fast)
    return std::min({static_cast<std::int64_t>(threads), batch, kMostShards});
  return std::clamp<std::int64_t>(batch / kReproducibleRows, 1, kReproducibleShards);
}

// The gradient of `loss` with respect to each trained parameter that it depends on, to its place in
// the slot "gradient". A parameter may stand in a graph more than once.
void add_gradients(Graph& graph, Var loss, Phase phase, std::vector<Output>& outputs) {
  std::vector<Var> nodes;
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (node.op != &ops::op<ops::Parameter>()) continue;
    if ((phase == Phase::partial) == node.attributes.text.starts_with(kPartialPrefix))
      nodes.emplace_back(&graph, id);
  }
  const std::vector<Var> slopes = gradients(loss, nodes);
  std::map<std::int64_t, Var> sums;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (slopes[i].node().op == &ops::op<ops::Constant>()) continue;
    Var& sum = sums[nodes[i].node().attributes.ints[0]];
    sum = sum ? sum + slopes[i] : slopes[i];
  }
  for (const auto& [offset, sum] : sums) outputs.push_back({sum, "gradient", offset});
}

void bind(const Plan& plan, Workspace& workspace, const char* slot, const Tensor& memory) {
  if (const int i = plan.slot(slot); i >= 0) workspace.bind(i, memory.data());
}

}  // namespace

TrainingStep::TrainingStep(ModelData& model, const Vae& vae, const FitJob& job, const Dataset& data,
                           ThreadPool& pool, PhaseState& state, Phase phase)
    : model_(model), vae_(vae), job_(job), data_(data), pool_(pool), state_(state), phase_(phase) {
  const std::int64_t n = model.parameters.size();
  warmup_ = Tensor(DType::f32, {1});
  chunk_norms_.resize(static_cast<std::size_t>((n + kPiece - 1) / kPiece));

  std::int64_t& count = state.shards;
  if (count == 0) {
    build(count = shard_count(job.batch_size, job.mode, pool.threads()));
    if (const std::int64_t more = shards_in_cache(count); more > count) build(count = more);
    state.optimizer.moment1 = Tensor(DType::f32, {n});
    state.optimizer.moment2 = Tensor(DType::f32, {n});
  } else {
    build(count);
  }
  if (const int slot = plan_->slot("parameters_bf16"); slot >= 0) {
    rounded_ = Buffer(static_cast<std::size_t>(n) * sizeof(std::uint16_t));
    round_parameters(0, n);
  }
  for (std::int64_t s = 0; s < count; ++s)
    shards_.push_back({.gradient = Tensor(DType::f32, {n}),
                       .metrics = Tensor(DType::f32, {kMean + 2 * model.latent()})});
  for (std::int64_t w = 0; w < std::min<std::int64_t>(pool.threads(), count); ++w)
    workers_.push_back(make_worker());
}

// As many shards as keep their arrays in cache, a multiple of `shards`.
std::int64_t TrainingStep::shards_in_cache(std::int64_t shards) const {
  const auto arrays = static_cast<std::int64_t>(plan_->array_bytes());
  const auto gradient = model_.parameters.size() * std::int64_t{sizeof(float)};
  if (job_.mode != kernels::Mode::fast) return shards;
  const std::int64_t slices =
      std::min({arrays / kCacheBytes, arrays / (kArraysPerGradient * gradient),
                shard_rows_ / kFewestRows, kMostShards / shards});
  return shards * std::max<std::int64_t>(slices, 1);
}

TrainingStep::Worker TrainingStep::make_worker() const {
  Worker worker{.workspace = plan_->make_workspace(),
                .x = Tensor(data_.values.dtype(), {shard_rows_, data_.dimensions()}),
                .keys = Tensor(DType::u64, {shard_rows_}),
                .weights = Tensor(DType::f32, {shard_rows_})};
  bind(*plan_, worker.workspace, "x", worker.x);
  bind(*plan_, worker.workspace, "keys", worker.keys);
  bind(*plan_, worker.workspace, "weights", worker.weights);
  bind(*plan_, worker.workspace, "warmup", warmup_);
  bind(*plan_, worker.workspace, "parameters", model_.values);
  bind(*plan_, worker.workspace, "state", model_.state_values);
  if (rounded_.bytes() > 0) worker.workspace.bind(plan_->slot("parameters_bf16"), rounded_.data());
  return worker;
}

void TrainingStep::build(std::int64_t shards) {
  Graph graph;
  const std::int64_t B = shard_rows_ = (job_.batch_size + shards - 1) / shards;
  const Var keys = input(graph, "keys", DType::u64, {B});
  const Scope scope(graph, model_.parameters, model_.state,
                    {.keys = keys, .stream = Stream::train});
  const Var raw = input(graph, "x", data_.values.dtype(), {B, data_.dimensions()});
  Var x = model_.transform.to_network(scope, raw, {keys, Stream::binarize});  // [B, D]
  if (job_.zero_one) x = less(constant(graph, 0.0), x);  // says so to the plan; changes nothing

  // Weights are 1 / batch, and 0 for rows that only fill the shard. Those repeat a row of the same
  // shard, so they are finite wherever the batch is, and 0 times them is 0.
  const Var weights = input(graph, "weights", DType::f32, {B});
  std::vector<Output> outputs = phase_ == Phase::model ? outputs_of_model(scope, x, weights)
                                                       : outputs_of_partial(scope, x, weights);
  const Var total = outputs[0].value;
  // If the loss is a sum over rows, so is its gradient: differentiation is linear.
  check(keeps_rows_apart(graph, std::vector{total}), ErrorCode::unsupported, "fit",
        "expected a model whose loss is a mean over rows, got one that mixes the rows of a batch; "
        "such objectives cannot be trained yet");
  add_gradients(graph, total, phase_, outputs);
  plan_.emplace(graph, outputs, PlanOptions{.mode = job_.mode, .precision = job_.precision});

  if (phase_ == Phase::partial) return;
  Graph after;
  const Scope state_scope(after, model_.parameters, model_.state);
  const Var mean_kl = input(after, "mean_kl", DType::f32, {}, false);
  std::vector<Output> updates;
  for (const StateUpdate& update : vae_.update(state_scope, mean_kl))
    updates.push_back({update.value, "new_state", update.state.node().attributes.ints[0]});
  if (updates.empty()) return;
  state_plan_.emplace(after, updates, PlanOptions{.mode = job_.mode});
  state_workspace_.emplace(state_plan_->make_workspace());
  new_state_ = model_.state_values.clone();
  mean_kl_ = Tensor(DType::f32, {1});
  bind(*state_plan_, *state_workspace_, "mean_kl", mean_kl_);
  bind(*state_plan_, *state_workspace_, "state", model_.state_values);
  bind(*state_plan_, *state_workspace_, "new_state", new_state_);
}

std::vector<Output> TrainingStep::outputs_of_model(const Scope& scope, Var x, Var weights) const {
  const std::int64_t B = x.shape()[0];
  const Terms terms = vae_.terms(scope, x, vae_.objective().draws());
  const Loss loss = vae_.loss(scope, terms, input(scope.graph(), "warmup", DType::f32, {}, false));
  const auto batch_mean = [&](Var rows) { return sum(rows * weights); };
  const Var log_px = terms.log_px.shape().rank() == 1 ? terms.log_px : mean(terms.log_px, {0});
  std::vector<Output> outputs{{batch_mean(loss.rows), "metrics", kLoss},
                              {batch_mean(log_px), "metrics", kLogPx},
                              {loss.weight, "metrics", kWeight}};
  if (terms.kl) outputs.push_back({batch_mean(terms.kl), "metrics", kKl});
  const Var column = reshape(weights, {B, 1});
  outputs.push_back({sum(terms.mean * column, {0}), "metrics", kMean});
  outputs.push_back({sum(square(terms.mean) * column, {0}), "metrics", kMean + model_.latent()});
  return outputs;
}

std::vector<Output> TrainingStep::outputs_of_partial(const Scope& scope, Var x, Var weights) const {
  return {{sum(vae_.masked_loss(scope, x) * weights), "metrics", kLoss}};
}

void TrainingStep::fill(Worker& worker, std::span<const std::int64_t> indices, std::int64_t batch) {
  const std::size_t bytes = worker.x.bytes() / static_cast<std::size_t>(shard_rows_);
  const std::byte* const from = data_.values.data();
  std::byte* const to = worker.x.data();
  const auto keys = worker.keys.as<std::uint64_t>();
  const auto weights = worker.weights.as<float>();
  const float weight = 1.0f / static_cast<float>(batch);
  for (std::int64_t r = 0; r < shard_rows_; ++r) {
    const auto i = static_cast<std::size_t>(r);
    const bool real = i < indices.size();
    const std::int64_t row = real ? indices[i] : indices[0];
    std::memcpy(to + i * bytes, from + static_cast<std::size_t>(row) * bytes, bytes);
    keys[i] = static_cast<std::uint64_t>(row);
    weights[i] = real ? weight : 0.0f;
  }
}

void TrainingStep::run_shard(Worker& worker, Shard& shard, std::span<const std::int64_t> indices,
                             std::int64_t batch, std::uint64_t pass) {
  fill(worker, indices, batch);
  bind(*plan_, worker.workspace, "gradient", shard.gradient);
  bind(*plan_, worker.workspace, "metrics", shard.metrics);
  plan_->run(worker.workspace, {.seed = job_.seed, .pass = pass});
}

// Metrics and gradient of rows of a batch of `batch` rows.
StepMetrics TrainingStep::compute(std::span<const std::int64_t> indices, std::int64_t batch,
                                  std::uint64_t pass, double warmup) {
  const std::int64_t rows = std::ssize(indices);
  warmup_.as<float>()[0] = static_cast<float>(warmup);
  const std::int64_t count = (rows + shard_rows_ - 1) / shard_rows_;
  const std::int64_t workers = std::min(std::ssize(workers_), count);
  pool_.run(static_cast<int>(workers), [&](int w) {
    for (std::int64_t s = count * w / workers; s < count * (w + 1) / workers; ++s) {
      const std::int64_t begin = s * shard_rows_, n = std::min(shard_rows_, rows - begin);
      run_shard(workers_[static_cast<std::size_t>(w)], shards_[static_cast<std::size_t>(s)],
                indices.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(n)),
                batch, pass);
    }
  });

  const auto used = std::span(shards_).first(static_cast<std::size_t>(count));
  StepMetrics metrics = fold_metrics(used);
#ifdef DIABOLO_NO_GUARDS  // bench_step_unguarded: what a step costs that is not looked at
  if (count > 1) fold_gradients(used);
  return metrics;
#endif
  metrics.gradient_norm = fold_gradients(used);
  metrics.is_finite = std::isfinite(metrics.loss) && std::isfinite(metrics.gradient_norm);
  return metrics;
}

StepMetrics TrainingStep::run(std::span<const std::int64_t> indices, std::uint64_t pass,
                              double learning_rate, double warmup) {
  const StepMetrics metrics = compute(indices, std::ssize(indices), pass, warmup);
  if (!metrics.is_finite) return metrics;
  ++state_.steps;
  update_parameters(learning_rate, clip(metrics.gradient_norm));
  update_state(metrics.kl);
  return metrics;
}

// What the gradient of a step is to be multiplied by.
double TrainingStep::clip(double norm) {
  OptimizerState& state = state_.optimizer;
  double limit = job_.clip_norm.value_or(0);
  if (!job_.clip_norm && state.made >= kFirstNorms) limit = kClipFactor * state.norm;
  const double scale = limit > 0 && norm > limit ? limit / norm : 1;
  ++state.made;
  state.norm +=
      (scale * norm - state.norm) / static_cast<double>(std::min(state.made, kNormMemory));
  return scale;
}

BadRows TrainingStep::find_bad_rows(std::span<const std::int64_t> indices, std::uint64_t pass,
                                    double warmup) {
  constexpr int kMostRuns = 200;
  int runs = 0;
  BadRows bad;
  std::vector<std::span<const std::int64_t>> parts{indices};  // none of them is finite
  while (!parts.empty()) {
    const auto part = parts.back();
    parts.pop_back();
    if (part.size() == 1) {
      bad.rows.push_back(part[0]);
      continue;
    }
    if (runs >= kMostRuns) {
      bad.is_complete = false;
      continue;
    }
    const std::size_t half = part.size() / 2;
    for (const auto rows : {part.subspan(half), part.first(half)}) {  // the first is next
      ++runs;
      if (!compute(rows, std::ssize(indices), pass, warmup).is_finite) parts.push_back(rows);
    }
  }
  return bad;
}

StepMetrics TrainingStep::fold_metrics(std::span<const Shard> used) const {
  const auto Z = static_cast<std::size_t>(model_.latent());
  StepMetrics m;
  m.mean.assign(Z, 0);
  m.mean_square.assign(Z, 0);
  for (const Shard& shard : used) {
    const auto x = shard.metrics.as<float>();
    m.loss += static_cast<double>(x[kLoss]);
    m.log_px += static_cast<double>(x[kLogPx]);
    m.kl += static_cast<double>(x[kKl]);
    m.beta = static_cast<double>(x[kWeight]);
    for (std::size_t z = 0; z < Z; ++z) {
      m.mean[z] += static_cast<double>(x[kMean + z]);
      m.mean_square[z] += static_cast<double>(x[kMean + Z + z]);
    }
  }
  return m;
}

// The all-reduce, into the first shard's gradient: piece by piece, in the order of the shards;
// returns the norm.
double TrainingStep::fold_gradients(std::span<Shard> used) {
  const std::int64_t n = model_.parameters.size();
  const auto& kernels = kernels::optimizer_kernels(kernels::best_level());
  std::array<const float*, kMostShards> from;
  for (std::size_t s = 0; s < used.size(); ++s) from[s] = used[s].gradient.as<float>().data();
  pool_.run(static_cast<int>(chunk_norms_.size()), [&](int c) {
    const std::int64_t begin = c * kPiece, count = std::min(kPiece, n - begin);
    std::array<const float*, kMostShards> pieces;
    for (std::size_t s = 0; s < used.size(); ++s) pieces[s] = from[s] + begin;
    chunk_norms_[static_cast<std::size_t>(c)] = static_cast<double>(
        kernels.fold(gradient() + begin, pieces.data(), static_cast<int>(used.size()), count));
  });
  double square = 0;
  for (const double piece : chunk_norms_) square += piece;
  return std::sqrt(square);
}

void TrainingStep::update_parameters(double learning_rate, double scale) {
  OptimizerState& adam = state_.optimizer;
  adam.power1 *= kBeta1;  // products, not pow: the same bits with every C library
  adam.power2 *= kBeta2;
  const double decay =
      phase_ == Phase::model ? job_.weight_decay : 0;  // or frozen ones would shrink
  const kernels::AdamStep step{.learning_rate = static_cast<float>(learning_rate),
                               .beta1 = static_cast<float>(kBeta1),
                               .beta2 = static_cast<float>(kBeta2),
                               .epsilon = static_cast<float>(kEpsilon),
                               .correction1 = static_cast<float>(1 / (1 - adam.power1)),
                               .correction2 = static_cast<float>(1 / (1 - adam.power2)),
                               .decay = static_cast<float>(learning_rate * decay),
                               .gradient_scale = static_cast<float>(scale)};
  const auto& kernels = kernels::optimizer_kernels(kernels::best_level());
  const std::int64_t n = model_.parameters.size();
  pool_.run(static_cast<int>(chunk_norms_.size()), [&](int c) {
    const std::int64_t begin = c * kPiece, count = std::min(kPiece, n - begin);
    kernels.adam(model_.values.as<float>().data() + begin, gradient() + begin,
                 adam.moment1.as<float>().data() + begin, adam.moment2.as<float>().data() + begin,
                 count, step);
    if (rounded_.bytes() > 0) round_parameters(begin, count);  // while they are in cache
  });
}

void TrainingStep::go_on_from(const Tensor& values, const Tensor& state) {
  std::ranges::copy(values.as<float>(), model_.values.as<float>().begin());
  std::ranges::copy(state.as<float>(), model_.state_values.as<float>().begin());
  if (rounded_.bytes() > 0) round_parameters(0, values.size());
}

void TrainingStep::round_parameters(std::int64_t begin, std::int64_t count) {
  kernels::bf16_kernels(kernels::best_level())
      .round(model_.values.as<float>().data() + begin,
             reinterpret_cast<std::uint16_t*>(rounded_.data()) + begin, count);
}

void TrainingStep::update_state(double mean_kl) {
  if (!state_plan_) return;
  mean_kl_.as<float>()[0] = static_cast<float>(mean_kl);
  state_plan_->run(*state_workspace_, {});
  std::memcpy(model_.state_values.data(), new_state_.data(), new_state_.bytes());
}

std::size_t TrainingStep::bytes() const {
  return workers_.size() * plan_->arena_bytes() + shards_.size() * shards_[0].gradient.bytes();
}

void TrainingStep::set_profiling(bool on) {
  for (Worker& worker : workers_) worker.workspace.set_profiling(on);
}

std::string TrainingStep::profile() const { return plan_->describe(&workers_[0].workspace); }

}  // namespace diabolo
