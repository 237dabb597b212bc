#include <diabolo/base/log.h>
#include <diabolo/data/cells.h>
#include <diabolo/data/source.h>
#include <diabolo/train/bound.h>
#include <diabolo/train/guard.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace diabolo {
namespace {

constexpr std::size_t kNamedRows = 3;  // rows in a message

double value_of(const Dataset& data, std::int64_t row, std::int64_t column) {
  return data.values.number(static_cast<std::size_t>(row * data.dimensions() + column));
}

// The column of a row whose number is largest where the network sees it; empty if none has numbers.
std::optional<std::int64_t> worst_column(const ModelData& model, const Dataset& data,
                                         std::int64_t row) {
  const std::vector<const ColumnCode*> codes = cell_codes(model.schema);  // empty: an array
  std::optional<std::int64_t> worst;
  double most = -1;
  for (std::int64_t d = 0; d < data.dimensions(); ++d) {
    const ColumnCode* code = codes.empty() ? nullptr : codes[static_cast<std::size_t>(d)];
    if (code && (code->form == ColumnCode::levels || code->form == ColumnCode::bins)) continue;
    const double size = std::abs(value_of(data, row, d) - model.transform.shift_of(d)) /
                        model.transform.scale_of(d);
    if (!(size > most)) continue;  // missing cells are NaN
    most = size;
    worst = d;
  }
  return worst;
}

/// `number`: what the row is called.
std::string named(const ModelData& model, const Dataset& data, std::int64_t row,
                  std::int64_t number) {
  const std::optional<std::int64_t> column = worst_column(model, data, row);
  if (!column) return fmt::format("row {}", number);
  const double x = value_of(data, row, *column);
  if (model.schema.empty()) return fmt::format("row {} (column {}: {:.6g})", number, *column, x);
  const auto d = static_cast<std::size_t>(*column);
  return fmt::format("row {} (column '{}': {:.6g})", number, cell_names(model.schema)[d],
                     cell_codes(model.schema)[d]->to_data(x));
}

std::string named(const ModelData& model, const Dataset& data, const BadRows& bad,
                  std::size_t batch) {
  if (bad.rows.empty()) return "no single row, but the sum of its rows";
  std::string text = bad.rows.size() == batch
                         ? "all its rows"
                         : fmt::format("{}{} of its {} rows", bad.is_complete ? "" : "at least ",
                                       bad.rows.size(), batch);
  text += ": ";
  for (std::size_t i = 0; i < std::min(bad.rows.size(), kNamedRows); ++i)
    text += (i == 0 ? "" : ", ") + named(model, data, bad.rows[i], bad.rows[i]);
  return bad.rows.size() > kNamedRows ? text + ", ..." : text;
}

}  // namespace

void leave_out(TrainingStep& step, std::span<const std::int64_t> batch, std::uint64_t pass,
               double warmup, const ModelData& model, const Dataset& data, PhaseState& at,
               Session& session) {
  BadSteps& bad = session.state().bad;
  bad.rows = named(model, data, step.find_bad_rows(batch, pass, warmup), batch.size());
  bad.rate_factor *= 0.5;
  ++bad.count;
  ++at.steps;
  log(LogLevel::warning,
      fmt::format("step {} is left out, its loss or gradient is not finite ({}); the learning rate "
                  "is halved, {} such steps end the training (this is {})",
                  at.steps, bad.rows, BadSteps::kMost, bad.count));
}

std::string cause_of_loss(const ModelPrograms& programs, const ModelData& model,
                          const TrainingData& data, std::uint64_t seed, ThreadPool& pool) {
  const Dataset& valid = *data.valid;
  const auto is_finite = [&](std::int64_t first, std::int64_t count) {
    const EvaluateOptions options{.seed = seed, .reconstruct = false, .by_holes = false};
    return std::isfinite(evaluate(programs, valid.rows(first, count), options, &pool).loss);
  };
  std::int64_t first = 0, count = valid.size();
  while (count > 1) {
    const std::int64_t half = count / 2;
    const bool is_in_first = !is_finite(first, half);
    first += is_in_first ? 0 : half;
    count = is_in_first ? half : count - half;
  }
  if (is_finite(first, count)) return "";
  const std::int64_t number =
      data.valid_rows.empty() ? first : data.valid_rows[static_cast<std::size_t>(first)];
  return fmt::format(", for {} of {}", named(model, valid, first, number), in_quotes(valid.name));
}

std::string advice(const BadSteps& bad) {
  return fmt::format(
      "lower --learning-rate, look at the data{}, and leave --scale and --clip-norm at auto",
      bad.rows.empty() ? "" : " (" + bad.rows + ")");
}

}  // namespace diabolo
