#include <diabolo/train/session.h>

namespace diabolo {

Session::Session(const ModelData& model, TrainingState& state, const TrainerHooks& hooks)
    : model_(model), state_(state), hooks_(hooks), before_(state.seconds) {}

double Session::seconds() const {
  return before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

void Session::save() {
  state_.seconds = seconds();
  if (hooks_.save) hooks_.save(model_, state_);
}

void Session::stop() {
  if (is_stopped_) return;
  is_stopped_ = true;
  save();
}

void Session::look() {
  if (hooks_.should_stop && hooks_.should_stop()) is_stopped_ = true;
}

void Session::poll() {
  if (state_.bad.has_diverged())
    save();
  else if (hooks_.should_stop && hooks_.should_stop())
    stop();
  else if (hooks_.is_save_due && hooks_.is_save_due())
    save();
}

}  // namespace diabolo
