#include <diabolo/cli/console.h>
#include <diabolo/cli/progress.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace diabolo::cli {
namespace {

constexpr std::size_t kBarWidth = 10;

std::string bar(double done) {
  const auto full = static_cast<std::size_t>(done * kBarWidth);
  const std::string begin = has_colour() ? "\x1b[36m" : "", end = has_colour() ? "\x1b[0m" : "";
  return fmt::format("[{}{}{}{}]", begin, std::string(full, '#'), end,
                     std::string(kBarWidth - full, '.'));
}

/// A part of the line; where there is no room those of the highest number go first.
struct Part {
  std::string text;
  int rank;
  std::size_t width;
};

/// Numbers have places of their own, so that the line does not tremble.
std::vector<Part> number_parts(const EpochReport& report) {
  const EpochRecord& r = report.record;
  std::vector<Part> parts;
  const auto add = [&](std::string_view name, double x, int rank) {
    if (std::isnan(x)) return;
    const double size = std::abs(x);
    const std::string digits = size < 1     ? fmt::format("{:.4f}", x)
                               : size < 1e5 ? fmt::format("{:.5g}", x)
                                            : fmt::format("{:.3g}", x);
    const std::string text = fmt::format("{} {:<7}", name, digits);
    parts.push_back({text, rank, text.size()});
  };
  add("loss", r.loss, 1);
  add("valid", r.valid_loss, 2);
  add("kl", r.kl, 4);
  add("log_px", r.log_px, 7);
  const std::string speed =
      fmt::format("{:>9} rows/s", grouped(std::llround(report.rows_per_second)));
  parts.push_back({speed, 6, speed.size()});
  return parts;
}

std::string fitted(std::vector<Part> parts, std::size_t width) {
  const auto total = [&] {
    std::size_t sum = 0;
    for (const Part& part : parts) sum += part.width + 2;
    return sum - 2;
  };
  while (parts.size() > 1 && total() > width)
    parts.erase(std::max_element(parts.begin(), parts.end(),
                                 [](const Part& a, const Part& b) { return a.rank < b.rank; }));
  std::string line;
  for (const Part& part : parts) line += (line.empty() ? "" : "  ") + part.text;
  return line;
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
  const std::string total = fmt::format("{}", last_.epochs);
  const std::string epoch = fmt::format(
      "epoch {:>{}}/{}", std::min(last_.record.epoch + 1, last_.epochs), total.size(), total);
  const std::string time = fmt::format("{:>5} left", clock_time(left));
  std::vector<Part> parts = {
      {epoch, 0, epoch.size()}, {bar(done), 5, kBarWidth + 2}, {time, 3, time.size()}};
  for (Part& number : number_parts(last_)) parts.push_back(std::move(number));
  status(fitted(std::move(parts), terminal_width() - 1));
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
