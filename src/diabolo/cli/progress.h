// How the training goes, on stderr: one line that changes on a terminal, else a line an epoch.
#pragma once

#include <diabolo/train/trainer.h>

#include <chrono>

namespace diabolo::cli {

class Progress {
 public:
  /// A training that goes on after so many epochs.
  void go_on_after(std::int64_t epochs) { before_ = epochs; }
  /// After each step; draws at most ten times a second.
  void step();
  /// After each epoch.
  void epoch(const EpochReport& report);
  /// After each epoch of the encoder of partial rows.
  void partial_epoch(double loss, std::int64_t epoch, std::int64_t epochs);
  /// Removes the changing line.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  void draw();

  bool is_terminal_ = false;
  EpochReport last_;
  std::int64_t before_ = 0;           // epochs of earlier sessions
  std::int64_t steps_ = 0;            // since the last epoch ended
  std::int64_t steps_per_epoch_ = 0;  // 0 until it is known
  Clock::time_point began_ = Clock::now(), drawn_ = {};
};

/// "epoch 3/20  loss 245.1  log_px -225.0  kl 20.1  valid 246.0  51,000 rows/s": what is unknown is
/// left out.
std::string epoch_line(const EpochReport& report);

}  // namespace diabolo::cli
