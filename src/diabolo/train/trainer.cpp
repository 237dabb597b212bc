#include <diabolo/base/log.h>
#include <diabolo/base/random.h>
#include <diabolo/train/bound.h>
#include <diabolo/train/trainer.h>
#include <diabolo/train/trim.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

namespace diabolo {
namespace {

using Clock = std::chrono::steady_clock;

// Mean over rows of what their cells' densities need to be of values.
double mean_log_slope(const Dataset& data, std::span<const std::int64_t> rows) {
  if (data.log_slopes.empty()) return 0;
  double sum = 0;
  for (const std::int64_t row : rows) sum += data.log_slopes[static_cast<std::size_t>(row)];
  return sum / static_cast<double>(rows.size());
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

constexpr double kLimitSlack = 1.03;    // of a KL limit, for weights to be called best
constexpr double kTrimmedAfter = 0.25;  // of the epochs: later, odd rows are known by heart
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

template <class T>
void shuffle(std::vector<T>& x, const NoiseSite& site) {
  RandomStream random(site);
  for (std::size_t i = x.size(); i > 1; --i) std::swap(x[i - 1], x[random.below(i)]);
}

// Rows of step `number` of an epoch. Batches are of equal size, so that no step rests on few rows.
std::span<const std::int64_t> batch_of(std::span<const std::int64_t> order, std::int64_t number,
                                       std::int64_t steps) {
  const std::int64_t rows = std::ssize(order), begin = number * rows / steps,
                     end = (number + 1) * rows / steps;
  return order.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

double falling_to_zero(double rate, std::int64_t step, std::int64_t steps) {
  return rate * (1 - static_cast<double>(step) / static_cast<double>(steps));
}

// The learning rate of each step: by the schedule, which can be cut short.
class Rate {
 public:
  Rate(const FitJob& job, std::int64_t steps) : job_(job), steps_(steps) {}

  double at(std::int64_t step) const {
    return is_cut() ? falling_to_zero(top_, step - cut_, last_ - cut_) : scheduled(step);
  }
  bool falls() const { return job_.schedule != "constant"; }
  bool is_cut() const { return cut_ >= 0; }
  /// From `step` on it falls to 0 within `steps`.
  void cut(std::int64_t step, std::int64_t steps) {
    top_ = scheduled(step);
    cut_ = step;
    last_ = std::min(step + steps, steps_);
  }
  bool is_at_its_end(std::int64_t step) const { return step >= last_; }

 private:
  double scheduled(std::int64_t step) const {
    if (job_.schedule == "linear") return falling_to_zero(job_.learning_rate, step, steps_);
    const double done = static_cast<double>(step) / static_cast<double>(steps_);
    if (job_.schedule == "cosine") return job_.learning_rate * 0.5 * (1 + std::cos(M_PI * done));
    return job_.learning_rate;
  }

  const FitJob& job_;
  std::int64_t steps_, cut_ = -1, last_ = steps_;
  double top_ = 0;
};

// Means of the steps of an epoch, weighted by their rows.
class EpochMeans {
 public:
  void add(const StepMetrics& m, std::int64_t rows) {
    const double w = static_cast<double>(rows);
    rows_ += w;
    loss_ += w * m.loss;
    log_px_ += w * m.log_px;
    kl_ += w * m.kl;
    mean_.resize(m.mean.size());
    square_.resize(m.mean.size());
    for (std::size_t z = 0; z < m.mean.size(); ++z) {
      mean_[z] += w * m.mean[z];
      square_[z] += w * m.mean_square[z];
    }
  }
  void write(EpochRecord& record) const {
    record.loss = loss_ / rows_;
    record.log_px = log_px_ / rows_;
    record.kl = kl_ / rows_;
    for (std::size_t z = 0; z < mean_.size(); ++z) {
      const double mean = mean_[z] / rows_;
      record.active_units += square_[z] / rows_ - mean * mean > kActiveVariance;
    }
  }

 private:
  double rows_ = 0, loss_ = 0, log_px_ = 0, kl_ = 0;
  std::vector<double> mean_, square_;
};

// Which epoch's weights are kept, and when patience is at its end.
class Best {
 public:
  Best(double kl_limit, double warmup) : kl_limit_(kl_limit), warmup_(warmup) {}

  /// True if these weights are better than all before.
  bool offer(const EpochRecord& record, bool validated) {
    if (!validated) return true;  // without validation the last are kept
    if (static_cast<double>(record.epoch) <= warmup_) return false;
    // Weights within the limit beat any that are not; among those that are not, less KL is better.
    std::pair<bool, double> score{true, -record.valid_loss};
    if (std::isfinite(kl_limit_)) {
      const bool allowed = record.valid_kl <= kLimitSlack * kl_limit_;
      score = {allowed, allowed ? record.valid_log_px : -record.valid_kl};
    }
    if (!std::isfinite(score.second) || score <= best_) return false;
    best_ = score;
    epoch_ = record.epoch;
    return true;
  }
  std::int64_t epochs_since(std::int64_t epoch) const {
    return epoch - std::max(epoch_, static_cast<std::int64_t>(warmup_));
  }

 private:
  double kl_limit_, warmup_;
  std::pair<bool, double> best_{false, -std::numeric_limits<double>::infinity()};
  std::int64_t epoch_ = 0;
};

// After which epoch rows are judged; 0: never.
std::int64_t trimmed_after(const FitJob& job) {
  if (job.trim == 0) return 0;
  return std::max<std::int64_t>(1, std::llround(kTrimmedAfter * static_cast<double>(job.epochs)));
}

// Leaves the least likely rows out of `data`, and says so; `valid` is room for those that
// are left for validation. False: there are none.
bool trim(const ModelPrograms& programs, const FitJob& job, ThreadPool& pool, TrainingData& data,
          Dataset& valid) {
  const auto keep = [&](const Dataset& from, std::span<const std::int64_t> rows) {
    return likely_rows(programs, from, rows, job.trim, job.seed, &pool);
  };
  std::vector<std::int64_t> rows = keep(*data.train, data.rows);
  const std::size_t before = data.rows.size(), out = before - rows.size();
  if (out == 0) return false;
  log(LogLevel::info,
      fmt::format(
          "the {} least likely of {} training rows are left out from now on; --trim 0 keeps "
          "them",
          out, before));
  data.rows = std::move(rows);
  if (!data.valid) return true;
  rows.resize(static_cast<std::size_t>(data.valid->size()));
  std::iota(rows.begin(), rows.end(), 0);
  valid = data.valid->select(keep(*data.valid, rows));
  data.valid = &valid;
  return true;
}

}  // namespace

std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>> split_rows(std::int64_t rows,
                                                                           double fraction,
                                                                           std::uint64_t seed) {
  std::vector<std::int64_t> train(static_cast<std::size_t>(rows));
  std::iota(train.begin(), train.end(), 0);
  auto valid_count = static_cast<std::int64_t>(std::lround(fraction * static_cast<double>(rows)));
  if (rows < 10 && fraction < 0.5) valid_count = 0;  // too few rows to spare any
  valid_count = std::min(valid_count, rows - 1);
  if (valid_count <= 0) return {train, {}};
  shuffle(train, {.seed = seed, .stream = Stream::split});
  std::vector<std::int64_t> valid(train.end() - valid_count, train.end());
  train.resize(train.size() - valid.size());
  std::sort(train.begin(), train.end());
  std::sort(valid.begin(), valid.end());
  return {train, valid};
}

void train(ModelData& model, const Components& components, const FitJob& job,
           const TrainingData& all, ThreadPool& pool, const TrainerHooks& hooks) {
  const auto began = Clock::now();
  TrainingData data = all;
  Dataset likely_valid;
  const Vae vae = make_vae(model, components);
  const ModelPrograms programs(model, components, job.mode);
  TrainingStep step(model, vae, job, *data.train, pool);
  step.set_profiling(static_cast<bool>(hooks.on_profile));
  const std::int64_t steps_per_epoch =
      (std::ssize(data.rows) + job.batch_size - 1) / job.batch_size;
  Rate rate(job, job.epochs * steps_per_epoch);
  Best best(vae.objective().kl_limit(), job.beta_warmup);
  double log_slope = mean_log_slope(*data.train, data.rows);
  Tensor best_values, best_state;
  double train_seconds = 0;
  std::int64_t steps_done = 0;
  bool stopped = false;

  for (std::int64_t epoch = 1; !rate.is_at_its_end(steps_done) && !stopped; ++epoch) {
    std::vector<std::int64_t> order = data.rows;
    shuffle(
        order,
        {.seed = job.seed, .stream = Stream::shuffle, .pass = static_cast<std::uint64_t>(epoch)});
    EpochReport report{.record = {.epoch = epoch}, .epochs = job.epochs};
    EpochMeans means;
    StepMetrics last;
    const auto epoch_began = Clock::now();
    std::int64_t rows_done = 0;
    for (std::int64_t s = 0; s < steps_per_epoch && !stopped; ++s) {
      const auto batch = batch_of(order, s, steps_per_epoch);
      report.record.learning_rate = rate.at(steps_done);
      const double epochs_done =
          static_cast<double>(steps_done) / static_cast<double>(steps_per_epoch);
      const double warmup = job.beta_warmup > 0 ? std::min(1.0, epochs_done / job.beta_warmup) : 1;
      last =
          step.run(batch, static_cast<std::uint64_t>(epoch), report.record.learning_rate, warmup);
      means.add(last, std::ssize(batch));
      rows_done += std::ssize(batch);
      ++steps_done;
      stopped = hooks.should_stop && hooks.should_stop();
    }
    const double epoch_seconds = seconds_since(epoch_began);
    train_seconds += epoch_seconds;

    EpochRecord& record = report.record;
    record.step = steps_done;
    record.beta = last.beta;
    means.write(record);
    record.loss -= log_slope;
    record.log_px += log_slope;
    record.valid_loss = record.valid_log_px = record.valid_kl = kUnknown;
    if (data.valid) {
      const Evaluation e =
          evaluate(programs, *data.valid,
                   {.seed = job.seed, .reconstruct = false, .by_holes = false}, &pool);
      record.valid_loss = e.loss;
      record.valid_log_px = e.log_px;
      record.valid_kl = e.kl.value_or(0);
    }
    if (!vae.has_bound()) record.kl = record.valid_kl = kUnknown;
    model.history.push_back(record);
    report.is_best = best.offer(record, data.valid != nullptr);
    if (report.is_best) {
      model.best_epoch = epoch;
      if (data.valid) {
        best_values = model.values.clone();
        best_state = model.state_values.clone();
      }
    }
    report.train_seconds = train_seconds;
    report.seconds = seconds_since(began);
    report.rows_per_second = static_cast<double>(rows_done) / std::max(epoch_seconds, 1e-9);
    if (hooks.on_epoch && !hooks.on_epoch(report)) stopped = true;
    if (epoch == trimmed_after(job) && !rate.is_cut() && !stopped &&
        trim(programs, job, pool, data, likely_valid)) {
      log_slope = mean_log_slope(*data.train, data.rows);
      // Losses of other rows do not compare with those to come.
      best =
          Best(vae.objective().kl_limit(), std::max(job.beta_warmup, static_cast<double>(epoch)));
      best_values = Tensor();
      best_state = Tensor();
    }
    const bool is_patient =
        !data.valid || job.patience == 0 || best.epochs_since(epoch) < job.patience;
    if (is_patient || rate.is_cut()) continue;
    if (!rate.falls() || best_values.size() == 0) break;
    // The best weights are those of a high rate, and gain by its fall.
    step.go_on_from(best_values, best_state);
    rate.cut(steps_done, job.patience * steps_per_epoch);
  }
  if (best_values.size() > 0)
    step.go_on_from(best_values, best_state);
  else if (!model.history.empty())  // no validation, epoch after the warm-up, or finite loss
    model.best_epoch = model.history.back().epoch;
  if (hooks.on_profile) hooks.on_profile(step.profile());
  fit_prior(model, components, job, data, pool, hooks);
  train_partial(model, components, job, data, pool, hooks);
}

void train_partial(ModelData& model, const Components& components, const FitJob& job,
                   const TrainingData& data, ThreadPool& pool, const TrainerHooks& hooks) {
  const Vae vae = make_vae(model, components);
  if (!vae.has_partial()) return;
  begin_partial(model);
  const ModelPrograms programs(model, components, job.mode);
  TrainingStep step(model, vae, job, *data.train, pool, Phase::partial);
  const auto rows = static_cast<std::int64_t>(data.rows.size());
  const std::int64_t steps_per_epoch = (rows + job.batch_size - 1) / job.batch_size;
  const std::int64_t steps = job.partial_epochs * steps_per_epoch;
  Tensor best_values;
  double best = std::numeric_limits<double>::infinity();
  std::int64_t steps_done = 0, best_epoch = 0;
  for (std::int64_t epoch = 1; epoch <= job.partial_epochs; ++epoch) {
    // Passes go on where those of the model might have ended, so that noise is fresh.
    const auto pass = static_cast<std::uint64_t>(job.epochs + epoch);
    std::vector<std::int64_t> order = data.rows;
    shuffle(order, {.seed = job.seed, .stream = Stream::shuffle, .pass = pass});
    double loss = 0;
    for (std::int64_t s = 0; s < steps_per_epoch; ++s) {
      const double rate = falling_to_zero(job.learning_rate, steps_done++, steps);
      const auto batch = batch_of(order, s, steps_per_epoch);
      loss += step.run(batch, pass, rate, 1).loss * static_cast<double>(batch.size());
      if (hooks.should_stop && hooks.should_stop()) return;
    }
    loss /= static_cast<double>(rows);
    if (data.valid) loss = masked_loss(programs, *data.valid, job.seed, &pool);
    if (loss < best) {
      best = loss;
      best_epoch = epoch;
      best_values = model.values.clone();
    }
    if (hooks.on_partial_epoch && !hooks.on_partial_epoch(loss, epoch, job.partial_epochs)) break;
    if (job.patience > 0 && epoch - best_epoch >= 4 * job.patience) break;
  }
  if (best_values.size() > 0)
    std::copy_n(best_values.as<float>().begin(), best_values.size(),
                model.values.as<float>().begin());
}

void fit_prior(ModelData& model, const Components& components, const FitJob& job,
               const TrainingData& data, ThreadPool& pool, const TrainerHooks& hooks) {
  const auto prior = components.priors.make(model.composition.prior);  // make_vae has a stand-in
  if (!prior->is_fitted()) return;
  const ModelPrograms programs(model, components, job.mode);
  const std::int64_t Z = model.latent(), D = model.dimensions;
  // As many rows as tell the shape of the codes, spread over the data.
  constexpr std::size_t kEnoughRows = 20000;
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < data.rows.size();
       i += std::max<std::size_t>(data.rows.size() / kEnoughRows, 1))
    rows.push_back(data.rows[i]);
  const Dataset trained = data.train->select(rows);
  std::vector<float> codes(static_cast<std::size_t>(trained.size() * Z));
  for_each_block(programs, trained, job.seed, &pool, [&](std::int64_t first, auto net, auto keys) {
    programs.run(
        programs.encode(true), static_cast<std::int64_t>(keys.size()), {.seed = job.seed}, &pool,
        [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
        [&](RowProgram::Chunk& chunk) {
          std::copy_n(chunk.get<float>("z").begin(), chunk.rows * Z,
                      codes.begin() + (first + chunk.first) * Z);
        });
  });
  const auto state = model.state_values.as<float>();
  prior->fit(codes, Z, job.seed, hooks.should_stop, pool,
             [&](const std::string& name, std::span<const double> values) {
               for (const ParameterInfo& info : model.state.all())
                 if (info.name == "prior." + name)
                   for (std::size_t i = 0; i < values.size(); ++i)
                     state[static_cast<std::size_t>(info.offset) + i] =
                         static_cast<float>(values[i]);
             });
}

}  // namespace diabolo
