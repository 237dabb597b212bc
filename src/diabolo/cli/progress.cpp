#include <diabolo/cli/console.h>
#include <diabolo/cli/progress.h>

#include <algorithm>
#include <cmath>

namespace diabolo::cli {
namespace {

constexpr std::size_t kBarWidth = 16;

std::string bar(double done) {
  const auto full = static_cast<std::size_t>(done * kBarWidth);
  std::string text(kBarWidth + 2, '.');
  text.front() = '[';
  text.back() = ']';
  std::fill_n(text.begin() + 1, full, '#');
  return text;
}

std::string numbers(const EpochReport& report) {
  const EpochRecord& r = report.record;
  std::string text;
  const auto add = [&](std::string_view name, double x) {
    if (!std::isnan(x)) text += fmt::format("  {} {:.5g}", name, x);
  };
  add("loss", r.loss);
  add("log_px", r.log_px);
  add("kl", r.kl);
  add("valid", r.valid_loss);
  return text + fmt::format("  {} rows/s", grouped(std::llround(report.rows_per_second)));
}

}  // namespace

std::string epoch_line(const EpochReport& report) {
  return fmt::format("epoch {}/{}{}", report.record.epoch, report.epochs, numbers(report));
}

void Progress::draw() {
  drawn_ = Clock::now();
  const double seconds = std::chrono::duration<double>(drawn_ - began_).count();
  if (last_.epochs == 0)
    return status(fmt::format("epoch {}  step {}  {}", before_ + 1, steps_, clock_time(seconds)));
  const double part = steps_per_epoch_ > 0
                          ? static_cast<double>(steps_) / static_cast<double>(steps_per_epoch_)
                          : 0;
  const double epochs = static_cast<double>(last_.record.epoch) + std::min(part, 1.0);
  const double done = std::min(epochs / static_cast<double>(last_.epochs), 1.0);
  const double left = (static_cast<double>(last_.epochs) * (1 - done)) /
                      (epochs - static_cast<double>(before_)) * seconds;
  status(fmt::format("epoch {}/{} {}  ETA {}{}", std::min(last_.record.epoch + 1, last_.epochs),
                     last_.epochs, bar(done), clock_time(left), numbers(last_)));
}

void Progress::step() {
  ++steps_;
  constexpr std::chrono::milliseconds kPause{100};
  if (has_status() && Clock::now() - drawn_ > kPause) draw();
}

void Progress::epoch(const EpochReport& report) {
  last_ = report;
  steps_per_epoch_ = report.record.step / std::max<std::int64_t>(report.record.epoch, 1);
  steps_ = 0;
  if (has_status())
    draw();
  else
    say(epoch_line(report));
}

void Progress::partial_epoch(double loss, std::int64_t epoch, std::int64_t epochs) {
  last_ = {};
  const std::string line =
      fmt::format("encoder of partial rows: epoch {}/{}  loss {:.5g}", epoch, epochs, loss);
  if (has_status())
    status(line);
  else
    say(line);
}

void Progress::end() { status(""); }

}  // namespace diabolo::cli
