#include <diabolo/train/bound.h>
#include <diabolo/train/epochs.h>
#include <diabolo/train/guard.h>
#include <diabolo/train/partial.h>

namespace diabolo {

void train_partial(ModelData& model, const Components& components, const FitJob& job,
                   const TrainingData& data, ThreadPool& pool, Session& session) {
  const Vae vae = make_vae(model, components);
  PhaseState& at = session.state().partial;
  if (!vae.has_partial() || at.is_over) return;
  const bool is_new = at.shards == 0;
  if (is_new) begin_partial(model);
  const ModelPrograms programs(model, components, job.mode);
  TrainingStep step(model, vae, job, *data.train, pool, at, Phase::partial);
  if (is_new) session.save();
  const auto rows = std::ssize(data.rows);
  const std::int64_t steps_per_epoch = (rows + job.batch_size - 1) / job.batch_size;
  const std::int64_t steps = job.partial_epochs * steps_per_epoch;
  const TrainerHooks& hooks = session.hooks();
  const auto is_patient = [&] {
    return job.patience == 0 || at.epoch - 1 - at.best.epoch < 4 * job.patience;
  };
  while ((at.step_of_epoch > 0 || (at.epoch <= job.partial_epochs && is_patient())) &&
         !session.is_stopped()) {
    // Passes go on where those of the model might have ended, so that noise is fresh.
    const auto pass = static_cast<std::uint64_t>(job.epochs + at.epoch);
    const std::vector<std::int64_t> order = order_of(data.rows, job.seed, pass);
    while (at.step_of_epoch < steps_per_epoch && !session.is_stopped()) {
      const double rate =
          falling_to_zero(job.learning_rate, at.steps, steps) * session.state().bad.rate_factor;
      const auto batch = batch_of(order, at.step_of_epoch, steps_per_epoch);
      const StepMetrics metrics = step.run(batch, pass, rate, 1);
      if (metrics.is_finite) {
        at.sums.rows += static_cast<double>(batch.size());
        at.sums.loss += metrics.loss * static_cast<double>(batch.size());
      } else {
        leave_out(step, batch, pass, 1, model, *data.train, at, session);
      }
      ++at.step_of_epoch;
      session.poll();
    }
    if (session.is_stopped()) break;
    double loss = at.sums.loss / at.sums.rows;  // NaN without a finite step
    if (data.valid) loss = masked_loss(programs, *data.valid, job.seed, &pool);
    if (at.best.offer(at.epoch, {true, -loss})) at.best.values = model.values.clone();
    at.sums = {};
    at.step_of_epoch = 0;
    ++at.epoch;
    if (hooks.on_partial_epoch && !hooks.on_partial_epoch(loss, at.epoch - 1, job.partial_epochs))
      session.stop();
  }
  if (!session.is_stopped()) at.is_over = true;
  if (at.best.values.size() > 0)
    std::ranges::copy(at.best.values.as<float>(), model.values.as<float>().begin());
  else if (at.is_over || session.state().bad.has_diverged())
    begin_partial(model);  // no epoch had a finite loss
}

}  // namespace diabolo
