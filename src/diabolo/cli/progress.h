// How the training goes, on stderr: one line that changes on a terminal, else a line an epoch.
#pragma once

#include <diabolo/train/trainer.h>

#include <chrono>
#include <string>
#include <vector>

namespace diabolo::cli {

/// A part of the changing line. Where there is no room for the long texts of all there are the
/// short ones, and then those of the highest rank go first.
struct ProgressPart {
  std::string text, brief;
  int rank = 0;
};

/// What fits into `width` characters; colours take none.
std::string fitted(std::vector<ProgressPart> parts, std::size_t width);

class Progress {
 public:
  /// Before the first step: epochs that are planned and steps of each.
  void begin(std::int64_t epochs, std::int64_t steps);
  /// A training that goes on after so many epochs, and steps of the next.
  void go_on_after(std::int64_t epochs, std::int64_t steps) { before_ = {epochs, steps}; }
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
  struct Place {
    std::int64_t epochs = 0, steps = 0;
  };
  void draw();
  std::vector<ProgressPart> parts(const std::string& what, double epochs_done, double before,
                                  std::int64_t epochs) const;

  EpochReport last_;
  Place before_;                     // of earlier sessions
  Place done_;                       // epochs, and steps since the last one ended
  Place planned_;                    // epochs, and steps of each; none until it is known
  std::int64_t partial_before_ = 0;  // epochs of the encoder of partial rows; 0: none yet
  Clock::time_point began_ = Clock::now(), drawn_ = {};
};

/// "epoch 3/20  loss 245.1  log_px -225.0  kl 20.1  valid 246.0  51,000 rows/s": what is unknown is
/// left out.
std::string epoch_line(const EpochReport& report);

}  // namespace diabolo::cli
