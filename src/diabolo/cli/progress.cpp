#include <diabolo/cli/console.h>
#include <diabolo/cli/progress.h>

#include <algorithm>
#include <cmath>

namespace diabolo::cli {
namespace {

std::string bar(double done, std::size_t width) {
  const auto full = static_cast<std::size_t>(done * static_cast<double>(width));
  const std::string begin = has_colour() ? "\x1b[36m" : "", end = has_colour() ? "\x1b[0m" : "";
  return fmt::format("[{}{}{}{}]", begin, std::string(full, '#'), end,
                     std::string(width - full, '.'));
}

std::size_t seen_width(std::string_view text) {
  std::size_t width = 0;
  bool is_colour = false;
  for (const char c : text) {
    if (c == '\x1b') is_colour = true;
    width += !is_colour;
    if (c == 'm') is_colour = false;
  }
  return width;
}

/// A number in a place of its own, so that the line does not tremble: so many digits, and a sign
/// and a point.
std::string in_place(std::string_view name, double x, int digits) {
  const int before = std::abs(x) < 1 ? 1 : static_cast<int>(std::log10(std::abs(x))) + 1;
  const std::string text = before <= digits + 1
                               ? fmt::format("{:.{}f}", x, std::max(digits - before, 0))
                               : fmt::format("{:.{}e}", x, digits - 4);
  return fmt::format("{} {:<{}}", name, text, digits + 2);
}

std::vector<ProgressPart> number_parts(const EpochReport& report) {
  const EpochRecord& r = report.record;
  std::vector<ProgressPart> parts;
  const bool is_known = report.epochs > 0;  // else places are kept
  const auto add = [&](std::string_view name, double x, int rank) {
    if (!is_known)
      parts.push_back(
          {fmt::format("{} {:<7}", name, "-"), fmt::format("{} {:<6}", name, "-"), rank});
    else if (!std::isnan(x))
      parts.push_back({in_place(name, x, 5), in_place(name, x, 4), rank});
  };
  add("loss", r.loss, 1);
  add("valid", r.valid_loss, 2);
  add("kl", r.kl, 4);
  const double speed = report.rows_per_second;
  const std::string brief = speed < 10'000 ? fmt::format("{:.0f}", speed)
                                           : fmt::format("{:.0f}k", speed / 1000),
                    all = grouped(std::llround(speed));
  parts.push_back({fmt::format("{:>9} rows/s", is_known ? all : "-"),
                   fmt::format("{:>4} rows/s", is_known ? brief : "-"), 6});
  add("log_px", r.log_px, 7);
  return parts;
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

std::string fitted(std::vector<ProgressPart> parts, std::size_t width) {
  const auto join = [&](std::string ProgressPart::* text) {
    std::string line;
    for (const ProgressPart& part : parts)
      line += fmt::format("{}{}", line.empty() ? "" : "  ", part.*text);
    return line;
  };
  const auto fits = [&](std::string ProgressPart::* text) {
    return seen_width(join(text)) <= width;
  };
  // The least of all is not worth that the others are short.
  const auto last = std::ranges::max_element(parts, {}, &ProgressPart::rank);
  if (!fits(&ProgressPart::text) && parts.size() > 1) parts.erase(last);
  if (fits(&ProgressPart::text)) return join(&ProgressPart::text);
  while (parts.size() > 1 && !fits(&ProgressPart::brief))
    parts.erase(std::ranges::max_element(parts, {}, &ProgressPart::rank));
  return join(&ProgressPart::brief);
}

std::string epoch_line(const EpochReport& report) {
  return fmt::format("epoch {}/{}{}", report.record.epoch, report.epochs, numbers(report));
}

void Progress::begin(std::int64_t epochs, std::int64_t steps) {
  planned_ = {epochs, steps};
  done_ = before_;
  began_ = Clock::now();
}

/// `what` epoch it is, the bar and the time that is left, of `epochs_done`, of which `before` were
/// done when this session began.
std::vector<ProgressPart> Progress::parts(const std::string& what, double epochs_done,
                                          double before, std::int64_t epochs) const {
  const auto all = static_cast<double>(epochs);
  const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  const std::string total = fmt::format("{}", epochs);
  const auto now = std::min(static_cast<std::int64_t>(epochs_done) + 1, epochs);
  const std::string place = fmt::format("{:>{}}/{}", now, total.size(), total);
  const double done = std::min(epochs_done / all, 1.0);
  std::vector<ProgressPart> parts{{fmt::format("{} {}", what, place), place, 0},
                                  {bar(done, 10), bar(done, 6), 5}};
  const double left = seconds * std::max(all - epochs_done, 0.0) / (epochs_done - before);
  const std::string time =
      fmt::format("{:>5} left", epochs_done > before ? clock_time(left) : "-:--");
  parts.push_back({time, time, 3});
  return parts;
}

void Progress::draw() {
  drawn_ = Clock::now();
  if (planned_.epochs == 0) return;
  const auto in_epochs = [&](const Place& place) {
    const auto steps = static_cast<double>(std::max<std::int64_t>(planned_.steps, 1));
    return static_cast<double>(place.epochs) +
           std::min(static_cast<double>(place.steps) / steps, 0.999);  // validation is to come
  };
  std::vector<ProgressPart> line =
      parts("epoch", in_epochs(done_), in_epochs(before_), planned_.epochs);
  for (ProgressPart& number : number_parts(last_)) line.push_back(std::move(number));
  status(fitted(std::move(line), terminal_width() - 1));
}

void Progress::step() {
  ++done_.steps;
  constexpr std::chrono::milliseconds kPause{100};
  if (has_status() && Clock::now() - drawn_ > kPause) draw();
}

void Progress::epoch(const EpochReport& report) {
  last_ = report;
  done_ = {report.record.epoch, 0};
  if (has_status())
    draw();
  else
    say(epoch_line(report));
}

void Progress::partial_epoch(double loss, std::int64_t epoch, std::int64_t epochs) {
  if (partial_before_ == 0) {
    partial_before_ = epoch;  // how long this one took is not known
    began_ = Clock::now();
  }
  if (!has_status())
    return say(
        fmt::format("encoder of partial rows: epoch {}/{}  loss {:.5g}", epoch, epochs, loss));
  std::vector<ProgressPart> line = parts("partial rows: epoch", static_cast<double>(epoch),
                                         static_cast<double>(partial_before_), epochs);
  line[0].brief = fmt::format("partial {}", line[0].brief);
  line.push_back({in_place("loss", loss, 5), in_place("loss", loss, 4), 1});
  status(fitted(std::move(line), terminal_width() - 1));
}

void Progress::end() { status(""); }

}  // namespace diabolo::cli
