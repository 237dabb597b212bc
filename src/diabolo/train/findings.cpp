#include <diabolo/data/cells.h>
#include <diabolo/data/source.h>
#include <diabolo/models/programs.h>
#include <diabolo/train/constant_columns.h>
#include <diabolo/train/findings.h>
#include <diabolo/train/trainer.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <unordered_set>

namespace diabolo {
namespace {

constexpr double kEarly = 0.25;   // of the epochs
constexpr double kCopied = 0.05;  // of validation rows, and no fewer than
constexpr std::size_t kFewestCopies = 3;
constexpr std::int64_t kCompared = 2000;  // training rows that tell how common a value is
constexpr const char* kLeftOutSteps = "left-out-steps";
constexpr std::size_t kNamedColumns = 3;  // columns in a sentence

// --- scales -------------------------------------------------------------------------------------

struct ScaleAtBound {
  std::int64_t column;  // -1: one scale for all
  bool is_lowest;
};

void add_scales(const ModelData& model, const Likelihood& likelihood, const std::string& scope,
                std::int64_t first, std::vector<ScaleAtBound>& found) {
  for (const Likelihood::Bounded& bounded : likelihood.bounded())
    for (const ParameterInfo& info : model.parameters.all()) {
      if (info.name != scope + std::string(bounded.name)) continue;
      const auto values = model.values.as<float>().subspan(
          static_cast<std::size_t>(info.offset), static_cast<std::size_t>(info.shape.size()));
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = static_cast<double>(values[i]);
        if (x > bounded.low && x < bounded.high) continue;
        // Pictures have pixels that are always black, and cannot do without.
        if (model.is_image && values.size() > 1 &&
            is_known_constant(model, likelihood, static_cast<std::int64_t>(i)))
          continue;
        found.push_back({.column = values.size() == 1 ? -1 : first + static_cast<std::int64_t>(i),
                         .is_lowest = x <= bounded.low});
      }
    }
}

std::vector<ScaleAtBound> scales_at_bound(const ModelData& model, const Components& components) {
  std::vector<ScaleAtBound> found;
  const Composition& c = model.composition;
  if (c.columns.empty()) {
    add_scales(model, *components.likelihoods.make(c.likelihood), "likelihood.", 0, found);
    return found;
  }
  std::int64_t first = 0;
  for (std::size_t i = 0; i < c.columns.size(); ++i) {
    add_scales(model, *components.likelihoods.make(c.columns[i].likelihood),
               fmt::format("likelihood.{}.", i), first, found);
    first += c.columns[i].columns;
  }
  return found;
}

std::string name_of(const ModelData& model, std::int64_t column) {
  if (column < 0) return "all columns";
  if (model.schema.empty()) return fmt::format("column {}", column);
  return "column " + in_quotes(cell_names(model.schema)[static_cast<std::size_t>(column)]);
}

// --- rows ---------------------------------------------------------------------------------------

bool are_all_the_same(const TrainingData& data) {
  if (data.rows.size() < 2) return false;
  const std::uint64_t first = row_key(data.train->values, data.rows[0]);
  return std::ranges::all_of(
      data.rows, [&](std::int64_t row) { return row_key(data.train->values, row) == first; });
}

// A row may stand twice where each of its values is common among the first `count` of the others:
// then it is no copy.
bool is_by_chance(const Tensor& rows, std::int64_t row, const Tensor& others, std::int64_t count) {
  const auto columns = static_cast<std::size_t>(rows.row_size());
  const std::size_t begin = static_cast<std::size_t>(row) * columns;
  const auto is_same = [&](std::size_t other, std::size_t d) {
    const double a = rows.number(begin + d), b = others.number(other * columns + d);
    return a == b || (a != a && b != b);
  };
  for (std::size_t d = 0; d < columns; ++d) {
    bool is_common = false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) && !is_common; ++i) {
      if (!is_same(i, d)) continue;
      for (std::size_t e = 0; e < columns && !is_common; ++e) is_common = !is_same(i, e);
    }
    if (!is_common) return false;
  }
  return true;
}

bool has_copies(const TrainingData& data) {
  if (!data.valid) return false;
  std::unordered_set<std::uint64_t> known;
  known.reserve(data.rows.size());
  for (const std::int64_t row : data.rows) known.insert(row_key(data.train->values, row));
  std::vector<std::int64_t> twice;
  for (std::int64_t row = 0; row < data.valid->size(); ++row)
    if (known.contains(row_key(data.valid->values, row))) twice.push_back(row);
  const double enough = std::max(kCopied * static_cast<double>(data.valid->size()),
                                 static_cast<double>(kFewestCopies));
  if (static_cast<double>(twice.size()) < enough) return false;
  if (data.valid->is_image) return true;  // pictures are too large to be the same by chance
  constexpr std::size_t kLookedAt = 50;   // some of them tell for all
  const std::size_t step = std::max<std::size_t>(twice.size() / kLookedAt, 1);
  const std::int64_t others = std::min(data.train->size(), kCompared);
  double looked = 0, copies = 0;
  for (std::size_t i = 0; i < twice.size(); i += step, ++looked)
    copies += !is_by_chance(data.valid->values, twice[i], data.train->values, others);
  return copies / looked * static_cast<double>(twice.size()) >= enough;
}

// --- bounds -------------------------------------------------------------------------------------

// The bound with the weight of the KL that training has by now; an autoencoder has no KL.
double bound(double log_px, double kl, double beta) {
  return std::isnan(kl) ? log_px : log_px - (std::isnan(beta) ? 1 : beta) * kl;
}

bool is_apart(const ModelData& model, const EpochRecord& now, std::int64_t valid_rows) {
  const EpochRecord& first = model.history.front();
  const double held_out = bound(now.valid_log_px, now.valid_kl, now.beta);
  const double gap = bound(now.log_px, now.kl, now.beta) - held_out;
  const double learned = held_out - bound(first.valid_log_px, first.valid_kl, now.beta);
  // About what the mean over so few rows may be off by: a nat or so a dimension and row.
  const double noise =
      4 * std::sqrt(static_cast<double>(model.dimensions) / static_cast<double>(valid_rows));
  // With several draws a row the bound of one is not what is trained, and need not rise.
  return gap > learned && std::min(gap, now.valid_loss - now.loss) > noise;  // false for NaN
}

std::string sentence(const std::string& name, const ModelData& model,
                     const Components& components) {
  if (name == "no-active-units")
    return "no latent unit is active: whatever the row, the model decodes the same; lower --beta, "
           "raise --beta-warmup or train longer, unless the columns are independent of each other";
  if (name == "same-rows") return "all training rows are the same: there is nothing to learn";
  if (name == "copied-rows")
    return "validation rows stand in the training rows, too: what is learned by heart looks well "
           "learned; remove copies of rows, or give others with --valid FILE";
  if (name == kLeftOutSteps)
    return "steps were left out, as their loss was not finite; lower --learning-rate, and look at "
           "the rows that the warnings name";
  if (name == "validation-apart") {
    const EpochRecord* kept = kept_epoch(model);
    return fmt::format(
        "validation rows are far less likely than training rows{}: rows are learned by heart, or a "
        "few are unlike all others; take more rows, a smaller --hidden, or --weight-decay",
        kept ? fmt::format(" (losses {:.4g} and {:.4g})", kept->valid_loss, kept->loss) : "");
  }
  if (name != "scale-at-bound") return name;
  std::string columns;
  const std::vector<ScaleAtBound> found = scales_at_bound(model, components);
  for (std::size_t i = 0; i < std::min(found.size(), kNamedColumns); ++i)
    columns += (i == 0 ? "" : ", ") + name_of(model, found[i].column);
  if (found.size() > kNamedColumns)
    columns += fmt::format(" and {} more", found.size() - kNamedColumns);
  const bool is_lowest = found.empty() || found.front().is_lowest;
  return fmt::format("the learned scale of {} is at its {} bound; {}", columns,
                     is_lowest ? "lowest" : "highest",
                     is_lowest ? "a column without noise, or of one value, is better left out"
                               : "lower --learning-rate, and look at its values");
}

}  // namespace

Watch::Watch(const TrainingData& data, const FitJob& job, const Components& components)
    : data_(data), job_(job), components_(components) {
  if (are_all_the_same(data))
    of_rows_ = "same-rows";
  else if (has_copies(data))
    of_rows_ = "copied-rows";
}

std::string Watch::look(const ModelData& model, const EpochRecord& now, const BadSteps& bad) const {
  const double enough = std::max(kEarly * static_cast<double>(job_.epochs), job_.beta_warmup);
  return names(model, now, bad, static_cast<double>(now.epoch) < enough);
}

std::string Watch::look_at_end(const ModelData& model, const EpochRecord& kept,
                               const BadSteps& bad) const {
  return names(model, kept, bad, false);
}

std::string Watch::names(const ModelData& model, const EpochRecord& now, const BadSteps& bad,
                         bool is_early) const {
  std::string list = of_rows_;
  const auto add = [&](bool is_so, const char* name) {
    if (is_so) list += (list.empty() ? "" : " ") + std::string(name);
  };
  add(!is_early && !std::isnan(now.kl) && now.active_units == 0 && of_rows_ != "same-rows",
      "no-active-units");
  add(!is_early && data_.valid && is_apart(model, now, data_.valid->size()), "validation-apart");
  add(!scales_at_bound(model, components_).empty(), "scale-at-bound");
  add(bad.count > 0, kLeftOutSteps);
  return list;
}

void add_left_out_steps(ModelData& model, const BadSteps& bad) {
  std::string& names = model.findings;
  if (bad.count == 0 || names.find(kLeftOutSteps) != std::string::npos) return;
  names += (names.empty() ? "" : " ") + std::string(kLeftOutSteps);
}

std::vector<std::string> sentences(const ModelData& model, const Components& components) {
  std::vector<std::string> list;
  std::istringstream names(model.findings);
  for (std::string name; names >> name;) list.push_back(sentence(name, model, components));
  return list;
}

}  // namespace diabolo
