#include <diabolo/base/index.h>
#include <diabolo/base/log.h>
#include <diabolo/train/bound.h>
#include <diabolo/train/epochs.h>
#include <diabolo/train/findings.h>
#include <diabolo/train/guard.h>
#include <diabolo/train/partial.h>
#include <diabolo/train/session.h>
#include <diabolo/train/trainer.h>
#include <diabolo/train/trim.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

namespace diabolo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kLimitSlack = 1.03;    // of a KL limit, for weights to be called best
constexpr double kTrimmedAfter = 0.25;  // of the epochs: later, odd rows are known by heart
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Mean over rows of what their cells' densities need to be of values.
double mean_log_slope(const Dataset& data, std::span<const std::int64_t> rows) {
  if (data.log_slopes.empty()) return 0;
  double sum = 0;
  for (const std::int64_t row : rows) sum += data.log_slopes[static_cast<std::size_t>(row)];
  return sum / static_cast<double>(rows.size());
}

// The learning rate of each step: by the schedule, which can be cut short.
class Rate {
 public:
  Rate(const FitJob& job, std::int64_t steps, RateCut& cut) : job_(job), steps_(steps), cut_(cut) {}

  double at(std::int64_t step) const {
    if (!is_cut()) return scheduled(step);
    return falling_to_zero(cut_.top, step - cut_.begin, cut_.end - cut_.begin);
  }
  bool falls() const { return job_.schedule != "constant"; }
  bool is_cut() const { return cut_.begin >= 0; }
  /// From `step` on it falls to 0 within `steps`.
  void cut(std::int64_t step, std::int64_t steps) {
    cut_ = {.begin = step, .end = std::min(step + steps, steps_), .top = scheduled(step)};
  }
  bool is_at_its_end(std::int64_t step) const { return step >= (is_cut() ? cut_.end : steps_); }

 private:
  double scheduled(std::int64_t step) const {
    if (job_.schedule == "linear") return falling_to_zero(job_.learning_rate, step, steps_);
    const double done = static_cast<double>(step) / static_cast<double>(steps_);
    if (job_.schedule == "cosine") return job_.learning_rate * 0.5 * (1 + std::cos(M_PI * done));
    return job_.learning_rate;
  }

  const FitJob& job_;
  std::int64_t steps_;
  RateCut& cut_;
};

// Means of the steps of an epoch are weighted by their rows.
void add(EpochSums& sums, const StepMetrics& m, std::int64_t rows) {
  const double w = static_cast<double>(rows);
  sums.rows += w;
  sums.loss += w * m.loss;
  sums.log_px += w * m.log_px;
  sums.kl += w * m.kl;
  sums.mean.resize(m.mean.size());
  sums.square.resize(m.mean.size());
  for (std::size_t z = 0; z < m.mean.size(); ++z) {
    sums.mean[z] += w * m.mean[z];
    sums.square[z] += w * m.mean_square[z];
  }
}

void write_means(const EpochSums& sums, EpochRecord& record) {
  record.loss = sums.loss / sums.rows;
  record.log_px = sums.log_px / sums.rows;
  record.kl = sums.kl / sums.rows;
  for (std::size_t z = 0; z < sums.mean.size(); ++z) {
    const double mean = sums.mean[z] / sums.rows;
    record.active_units += sums.square[z] / sums.rows - mean * mean > kActiveVariance;
  }
}

// After which epoch rows are judged; 0: never.
std::int64_t trimmed_after(const FitJob& job) {
  if (job.trim == 0) return 0;
  return std::max<std::int64_t>(1, std::llround(kTrimmedAfter * static_cast<double>(job.epochs)));
}

// Data of which rows may be left out on the way.
class LikelyData {
 public:
  LikelyData(const TrainingData& all, TrainingState& state) : data_(all), state_(state) {
    state.is_trimmed() ? leave_out() : measure();
  }
  const TrainingData& get() const { return data_; }
  double log_slope() const { return log_slope_; }

  /// Leaves the least likely rows out, and says so. False: there are none.
  bool trim(const ModelPrograms& programs, const FitJob& job, ThreadPool& pool) {
    const auto keep = [&](const Dataset& from, std::span<const std::int64_t> rows) {
      return likely_rows(programs, from, rows, job.trim, job.seed, &pool);
    };
    std::vector<std::int64_t> kept = keep(*data_.train, data_.rows);
    const std::size_t before = data_.rows.size(), out = before - kept.size();
    if (out == 0) return false;
    state_.rows = std::move(kept);
    log(LogLevel::info,
        fmt::format("the {} least likely of {} training rows are left out from now on; --trim 0 "
                    "keeps them",
                    out, before));
    if (data_.valid) {
      std::vector<std::int64_t> rows(static_cast<std::size_t>(data_.valid->size()));
      std::iota(rows.begin(), rows.end(), 0);
      state_.valid_rows = keep(*data_.valid, rows);
    }
    leave_out();
    return true;
  }

 private:
  void measure() { log_slope_ = mean_log_slope(*data_.train, data_.rows); }
  void leave_out() {
    // A checkpoint may hold anything; half of the rows are the most that are left out (defaults.h).
    const auto is_row = [&](std::int64_t row) { return row >= 0 && row < data_.train->size(); };
    check(!state_.rows.empty() && 2 * state_.rows.size() + 2 >= data_.rows.size() &&
              state_.rows.size() <= data_.rows.size() && std::ranges::all_of(state_.rows, is_row) &&
              (!data_.valid ||
               (!state_.valid_rows.empty() &&
                std::ranges::all_of(state_.valid_rows,
                                    [&](std::int64_t row) { return row < data_.valid->size(); }))),
          ErrorCode::corrupt_file, "checkpoint",
          "expected rows of the data to go on with, at least half of {}, got {} or others; train "
          "from the start",
          data_.rows.size(), state_.rows.size());
    data_.rows = state_.rows;
    measure();
    if (!data_.valid) return;
    valid_ = data_.valid->select(state_.valid_rows);
    data_.valid = &valid_;
    const std::vector<std::int64_t> before = std::move(data_.valid_rows);
    data_.valid_rows = state_.valid_rows;
    if (before.empty()) return;
    for (std::int64_t& row : data_.valid_rows) row = before[static_cast<std::size_t>(row)];
  }

  TrainingData data_;
  TrainingState& state_;
  Dataset valid_;
  double log_slope_ = 0;  // mean of the training rows
};

// The phase of the model itself; what follows is in train().
class ModelPhase {
 public:
  ModelPhase(ModelData& model, const Components& components, const FitJob& job, LikelyData& data,
             ThreadPool& pool, const Watch& watch, Session& session)
      : model_(model),
        job_(job),
        data_(data),
        watch_(watch),
        pool_(pool),
        session_(session),
        at_(session.state().model),
        is_new_(at_.shards == 0),
        vae_(make_vae(model, components)),
        programs_(model, components, job.mode),
        step_(model, vae_, job, *data.get().train, pool, at_) {
    step_.set_profiling(static_cast<bool>(session.hooks().on_profile));
  }

  /// `rows`: as many as there were at the start.
  void run(std::int64_t rows) {
    steps_per_epoch_ = (rows + job_.batch_size - 1) / job_.batch_size;
    if (session_.hooks().on_begin) session_.hooks().on_begin(job_.epochs, steps_per_epoch_);
    Rate rate(job_, job_.epochs * steps_per_epoch_, session_.state().cut);
    if (is_new_) {
      at_.best.after = job_.beta_warmup;
      session_.save();
    }
    const auto is_within = [&] {
      return at_.step_of_epoch > 0 || (!rate.is_at_its_end(at_.steps) && !is_given_up(rate));
    };
    while (is_within() && !session_.is_stopped()) {
      run_steps(rate);
      if (!session_.is_stopped()) end_epoch(rate);
    }
    if (!session_.is_stopped()) {
      at_.is_over = true;
      session_.state().last_values = model_.values.clone();
      session_.state().last_state = model_.state_values.clone();
      if (was_over_before_trim())
        log(LogLevel::info,
            "no rows were left out: validation cut the training short before a quarter of its "
            "epochs; fewer --epochs bring that forward");
    }
    take_best();
    if (const EpochRecord* kept = kept_epoch(model_))
      model_.findings = session_.is_stopped()
                            ? watch_.look(model_, *kept, session_.state().bad)
                            : watch_.look_at_end(model_, *kept, session_.state().bad);
    if (session_.hooks().on_profile) session_.hooks().on_profile(step_.profile());
  }

 private:
  void run_steps(const Rate& rate) {
    const auto pass = static_cast<std::uint64_t>(at_.epoch);
    const std::vector<std::int64_t> order = order_of(data_.get().rows, job_.seed, pass);
    while (at_.step_of_epoch < steps_per_epoch_ && !session_.is_stopped()) {
      const auto began = Clock::now();
      const auto batch = batch_of(order, at_.step_of_epoch, steps_per_epoch_);
      const double epochs_done =
          static_cast<double>(at_.steps) / static_cast<double>(steps_per_epoch_);
      const double warmup =
          job_.beta_warmup > 0 ? std::min(1.0, epochs_done / job_.beta_warmup) : 1;
      at_.sums.learning_rate = rate.at(at_.steps) * session_.state().bad.rate_factor;
      const StepMetrics metrics = step_.run(batch, pass, at_.sums.learning_rate, warmup);
      if (metrics.is_finite) {
        at_.sums.beta = metrics.beta;
        add(at_.sums, metrics, std::ssize(batch));
      } else {
        leave_out(step_, batch, pass, warmup, model_, *data_.get().train, at_, session_);
      }
      ++at_.step_of_epoch;
      at_.sums.seconds += std::chrono::duration<double>(Clock::now() - began).count();
      if (session_.hooks().on_step) session_.hooks().on_step();
      session_.poll();
    }
  }

  // The best weights, or without any the last; but none that a loss was not finite with.
  void take_best() {
    if (at_.best.values.size() > 0) return step_.go_on_from(at_.best.values, at_.best.state);
    const bool has_diverged = session_.state().bad.has_diverged();
    if (model_.history.empty() && !has_diverged) return;  // stopped from outside
    const auto keep_last = [&] { model_.best_epoch = model_.history.back().epoch; };
    if (!has_diverged && is_finite(model_.history.back()))
      return keep_last();  // without validation
    if (at_.sound.epoch > 0) {
      model_.best_epoch = at_.sound.epoch;
      return step_.go_on_from(at_.sound.values, at_.sound.state);
    }
    // Validation tells nothing, or the training is to go on later.
    if (!has_diverged && (session_.is_stopped() || std::isfinite(model_.history.back().loss)))
      return keep_last();
    fail(ErrorCode::not_finite, "fit",
         "expected an epoch of finite losses, of validation rows too, got none in {}, nor a model "
         "that is of use; begin again: {}",
         model_.history.size() + (has_diverged ? 1 : 0), advice(session_.state().bad));
  }

  bool is_finite(const EpochRecord& record) const {
    return std::isfinite(record.loss) && (!data_.get().valid || std::isfinite(record.valid_loss));
  }

  // Keeps the weights in case that those to come are of no use.
  void keep_sound(const EpochRecord& record) {
    if (at_.best.values.size() > 0)
      at_.sound = {};
    else if (is_finite(record))
      at_.sound = {record.epoch, model_.values.clone(), model_.state_values.clone()};
    if (data_.get().valid && !std::isfinite(record.valid_loss))
      log(LogLevel::warning,
          fmt::format("the validation loss of epoch {} is not finite: it cannot be the best{}",
                      record.epoch,
                      cause_of_loss(programs_, model_, data_.get(), job_.seed, pool_)));
  }

  bool was_over_before_trim() const {
    const std::int64_t epochs = trimmed_after(job_);
    const RateCut& cut = session_.state().cut;
    return at_.epoch <= epochs || (cut.begin >= 0 && cut.begin < epochs * steps_per_epoch_);
  }

  // Validation, what is best, and what follows from it.
  void end_epoch(Rate& rate) {
    TrainingState& state = session_.state();
    const TrainerHooks& hooks = session_.hooks();
    EpochReport report{.record = record(), .epochs = job_.epochs};
    const std::int64_t epoch = at_.epoch;
    model_.history.push_back(report.record);
    report.record.findings = model_.history.back().findings =
        watch_.look(model_, report.record, state.bad);
    report.is_best = offer(report.record);
    if (report.is_best) {
      model_.best_epoch = epoch;
      if (data_.get().valid) {
        at_.best.values = model_.values.clone();
        at_.best.state = model_.state_values.clone();
      }
    }
    keep_sound(report.record);
    state.train_seconds += at_.sums.seconds;
    report.train_seconds = state.train_seconds;
    report.seconds = session_.seconds();
    report.rows_per_second = at_.sums.rows / std::max(at_.sums.seconds, 1e-9);
    state.times.push_back({report.train_seconds, report.seconds, report.rows_per_second});
    at_.sums = {};
    at_.step_of_epoch = 0;
    ++at_.epoch;
    const bool goes_on = !hooks.on_epoch || hooks.on_epoch(report);
    if (epoch == trimmed_after(job_) && !state.is_trimmed() && !rate.is_cut() &&
        data_.trim(programs_, job_, pool_)) {
      // Losses of other rows do not compare with those to come.
      if (at_.best.values.size() > 0)
        at_.sound = {at_.best.epoch, std::move(at_.best.values), std::move(at_.best.state)};
      at_.best = {.after = std::max(job_.beta_warmup, static_cast<double>(epoch))};
    }
    if (!is_patient() && !rate.is_cut() && !is_given_up(rate)) {
      // The best weights are those of a high rate, and gain by its fall.
      step_.go_on_from(at_.best.values, at_.best.state);
      rate.cut(at_.steps, job_.patience * steps_per_epoch_);
    }
    if (!goes_on) session_.stop();
  }

  // After an epoch: is its validation loss, or one of the last few, the best?
  bool is_patient() const {
    return !data_.get().valid || job_.patience == 0 ||
           at_.best.epochs_since(at_.epoch - 1) < job_.patience;
  }

  // Patience is at its end, and there is no schedule to cut short.
  bool is_given_up(const Rate& rate) const {
    return !is_patient() && !rate.is_cut() && (!rate.falls() || at_.best.values.size() == 0);
  }

  EpochRecord record() {
    EpochRecord record{.epoch = at_.epoch,
                       .step = at_.steps,
                       .learning_rate = at_.sums.learning_rate,
                       .beta = at_.sums.beta};
    write_means(at_.sums, record);
    record.loss -= data_.log_slope();
    record.log_px += data_.log_slope();
    record.valid_loss = record.valid_log_px = record.valid_kl = kUnknown;
    if (const Dataset* valid = data_.get().valid) {
      const Evaluation e = evaluate(
          programs_, *valid, {.seed = job_.seed, .reconstruct = false, .by_holes = false}, &pool_);
      record.valid_loss = e.loss;
      record.valid_log_px = e.log_px;
      record.valid_kl = e.kl.value_or(0);
    }
    if (!vae_.has_bound()) record.kl = record.valid_kl = kUnknown;
    return record;
  }

  // True if the weights are the ones to keep: the best so far, or the last without validation.
  bool offer(const EpochRecord& record) {
    if (!data_.get().valid) return true;
    if (static_cast<double>(record.epoch) <= at_.best.after) return false;
    const double limit = vae_.objective().kl_limit();
    if (!std::isfinite(limit)) return at_.best.offer(record.epoch, {true, -record.valid_loss});
    // Weights within the limit beat any that are not; among those that are not, less KL is better.
    const bool allowed = record.valid_kl <= kLimitSlack * limit;
    return at_.best.offer(record.epoch,
                          {allowed, allowed ? record.valid_log_px : -record.valid_kl});
  }

  ModelData& model_;
  const FitJob& job_;
  LikelyData& data_;
  const Watch& watch_;
  ThreadPool& pool_;
  Session& session_;
  PhaseState& at_;
  const bool is_new_;
  const Vae vae_;
  const ModelPrograms programs_;
  TrainingStep step_;
  std::int64_t steps_per_epoch_ = 0;
};

// Equal rows have equal keys, and so one code; a prior fitted to many such would close around them.
class KeysApart {
 public:
  std::vector<std::uint64_t> of(std::span<const std::uint64_t> keys) {
    constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
    std::vector<std::uint64_t> apart;
    for (const std::uint64_t key : keys) apart.push_back(key + kStep * times_[key]++);
    return apart;
  }

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> times_;
};

// Leaves out codes of rows that the encoder overflows at.
void keep_finite(std::vector<float>& codes, std::size_t width) {
  constexpr float kFarthest = 1e15f;  // squares and their sums are within the range of f32
  std::size_t kept = 0;
  for (std::size_t i = 0; i < codes.size(); i += width) {
    const auto code = std::span(codes).subspan(i, width);
    if (!std::all_of(code.begin(), code.end(), [](float x) { return std::abs(x) <= kFarthest; }))
      continue;
    std::copy(code.begin(), code.end(), codes.begin() + static_cast<std::ptrdiff_t>(kept));
    kept += width;
  }
  codes.resize(kept);
}

// A training that ended with its last epoch can go on if there are more by now.
void reopen(ModelData& model, const FitJob& job, const TrainingData& data, TrainingState& state) {
  PhaseState& at = state.model;
  const bool was_ended_by_patience =
      state.cut.begin >= 0 ||
      (data.valid && job.patience > 0 && at.best.epochs_since(at.epoch - 1) >= job.patience);
  const bool was_stopped = state.last_values.size() == 0;
  if (!at.is_over || at.epoch > job.epochs || was_ended_by_patience || was_stopped) return;
  at.is_over = false;
  state.partial = {};
  model.values = std::move(state.last_values);
  model.state_values = std::move(state.last_state);
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
           const TrainingData& all, ThreadPool& pool, const TrainerHooks& hooks,
           TrainingState& state) {
  Session session(model, state, hooks);
  reopen(model, job, all, state);
  if (state.is_begun()) session.save();
  LikelyData data(all, state);
  if (!state.model.is_over)
    ModelPhase(model, components, job, data, pool, Watch(all, job, components), session)
        .run(std::ssize(all.rows));
  if (state.partial.shards == 0) {
    if (!session.is_stopped()) session.save();
    fit_prior(model, components, job, data.get(), pool, hooks);  // less well if it is stopped
    session.look();
  }
  if (!session.is_stopped() || state.partial.shards > 0)
    train_partial(model, components, job, data.get(), pool, session);
  else if (model.composition.partial)
    begin_partial(model);  // better than its initial weights
  add_left_out_steps(model, state.bad);
  state.seconds = session.seconds();
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
  KeysApart apart;
  for_each_block(programs, trained, job.seed, &pool, [&](std::int64_t first, auto net, auto same) {
    const std::vector<std::uint64_t> keys = apart.of(same);
    programs.run(
        programs.encode(true), static_cast<std::int64_t>(keys.size()), {.seed = job.seed}, &pool,
        [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
        [&](RowProgram::Chunk& chunk) {
          std::copy_n(chunk.get<float>("z").begin(), chunk.rows * Z,
                      codes.begin() + (first + chunk.first) * Z);
        });
  });
  keep_finite(codes, index(Z));
  if (codes.size() == index(Z)) return;  // one code does not say how codes lie
  const Tensor before = model.state_values.clone();
  const auto state = model.state_values.as<float>();
  if (!codes.empty())
    prior->fit(codes, Z, job.seed, hooks.should_stop, pool,
               [&](const std::string& name, std::span<const double> values) {
                 for (const ParameterInfo& info : model.state.all())
                   if (info.name == "prior." + name)
                     for (std::size_t i = 0; i < values.size(); ++i)
                       state[index(info.offset) + i] = static_cast<float>(values[i]);
               });
  const bool is_finite =
      std::all_of(state.begin(), state.end(), [](float x) { return std::isfinite(x); });
  if (!codes.empty() && is_finite) return;
  std::ranges::copy(before.as<float>(), state.begin());
  log(LogLevel::warning,
      "the codes are too far apart for a fitted prior, which stays the standard normal; lower "
      "--learning-rate");
}

}  // namespace diabolo
