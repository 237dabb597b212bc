#include <diabolo/base/error.h>
#include <diabolo/models/model_data.h>
#include <diabolo/report/sections.h>
#include <diabolo/train/trainer.h>

#include <algorithm>
#include <numeric>

namespace diabolo {
namespace {

// Scores take several draws a row, of each of its dimensions: so many of these keep a page quick.
constexpr std::int64_t kExaminedCells = 1'500'000, kMostExamined = 10'000, kLeastExamined = 500;

std::vector<std::int64_t> some_of(std::int64_t rows, std::int64_t most, std::uint64_t seed) {
  std::vector<std::int64_t> chosen(static_cast<std::size_t>(rows));
  std::iota(chosen.begin(), chosen.end(), 0);
  if (rows <= most) return chosen;
  const double share = static_cast<double>(most) / static_cast<double>(rows);
  chosen = split_rows(rows, share, seed + 1).second;  // not those of validation
  chosen.resize(std::min(chosen.size(), static_cast<std::size_t>(most)));
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

ReportRows report_rows(const ReportInput& input) {
  const Dataset& data = *input.data;
  check(!input.labels || std::ssize(input.labels->values) == data.size(),
        ErrorCode::invalid_argument, "report",
        "expected a label for each of {} rows, got {}; give the labels of these rows", data.size(),
        input.labels ? input.labels->values.size() : 0);
  ReportRows rows;
  rows.total = data.size();
  rows.numbers = some_of(data.size(), input.points, input.seed);
  rows.map = data.select(rows.numbers);
  const std::int64_t examined =
      std::clamp(kExaminedCells / data.dimensions(), kLeastExamined, kMostExamined);
  for (const std::int64_t place : some_of(rows.map.size(), examined, input.seed + 1)) {
    rows.examined_places.push_back(static_cast<std::size_t>(place));
    rows.examined_numbers.push_back(rows.numbers[static_cast<std::size_t>(place)]);
  }
  rows.examined = data.select(rows.examined_numbers);
  rows.codes = input.model->encode(rows.map, input.seed);
  rows.principal = principal_two(rows.codes);
  rows.columns = report_columns(rows.map, kReportColumns);
  if (input.labels) rows.labels = select(*input.labels, rows.numbers);
  try {
    rows.scores =
        input.model->score_rows(rows.examined, {.seed = input.seed, .explain = !rows.map.is_image});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported) throw;  // a model without a bound has no scores
  }
  return rows;
}

std::vector<std::size_t> worst_first(std::span<const double> scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

}  // namespace diabolo
