#include <diabolo/nn/dense.h>
#include <diabolo/prob/categorical.h>

#include <numeric>

namespace diabolo {
namespace {

/// Columns side by side with as many levels each.
struct Run {
  std::int64_t first_column, columns, levels;
};

std::vector<Run> runs_of(const std::vector<std::int64_t>& levels) {
  std::vector<Run> runs;
  std::int64_t column = 0;
  for (const std::int64_t count : levels) {
    if (runs.empty() || runs.back().levels != count) runs.push_back({column, 0, count});
    ++runs.back().columns;
    ++column;
  }
  return runs;
}

Var joined(const std::vector<Var>& parts, int axis) {
  return parts.size() == 1 ? parts[0] : concat(parts, axis);
}

// 0, 1, ..., count - 1.
Var places(Graph& graph, std::int64_t count) {
  std::vector<double> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0.0);
  return constant(graph, {count}, std::move(values));
}

// Of columns [B, n], whether they are at each level: [B, n, L].
Var ones_of(Var x, std::int64_t levels) {
  const std::int64_t B = x.shape()[0], n = x.shape()[1];
  return equal(reshape(x, {B, n, 1}), places(x.graph(), levels));
}

class LevelsBatch final : public LikelihoodBatch {
 public:
  LevelsBatch(const Scope& scope, Var features, std::vector<Run> runs, bool bins)
      : runs_(std::move(runs)), rows_(features.shape()[0]), bins_(bins) {
    std::int64_t width = 0;
    for (const Run& run : runs_) width += run.columns * run.levels;
    const Var all = dense(scope, features, width);  // one product for all columns
    std::int64_t begin = 0;
    for (const Run& run : runs_) {
      logits_.push_back(slice(all, 1, begin, run.columns * run.levels));  // [R, n L]
      begin += run.columns * run.levels;
    }
  }

  Var log_prob(Var x, const Shape& view) const override {
    if (bins_) x = floor(x);
    std::vector<Var> parts;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const Run& run = runs_[i];
      Shape shape{view[0], run.columns, run.levels};
      if (view.rank() == 3) shape = {view[0], view[1], run.columns, run.levels};
      const Var logits = reshape(logits_[i], shape);  // [..., B, n, L]
      const Var ones = ones_of(slice(x, 1, run.first_column, run.columns), run.levels);
      parts.push_back(sum(logits * ones, {-1}) - logsumexp(logits, -1));  // [..., B, n]
    }
    return joined(parts, static_cast<int>(view.rank()) - 1);
  }

  Var mean() const override {
    std::vector<Var> parts;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const Var logits = grouped(i);                                 // [R, n, L]
      const Var shares = exp(logits - logsumexp(logits, -1, true));  // [R, n, L]
      parts.push_back(reshape(shares, logits_[i].shape()));
    }
    return joined(parts, 1);  // [R, G]
  }

  // The level by the Gumbel-max trick.
  Var sample(const Scope& scope) const override {
    std::vector<Var> parts;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const Var race = log(-log(scope.uniform(logits_[i].shape(), "level" + std::to_string(i))));
      const Var chosen = argmin(reshape(race, grouped(i).shape()) - grouped(i));  // [R, n]
      parts.push_back(cast(chosen));
    }
    const Var levels = joined(parts, 1);  // [R, D]
    return bins_ ? levels + scope.uniform(levels.shape(), "place") : levels;
  }

 private:
  Var grouped(std::size_t i) const {
    return reshape(logits_[i], {rows_, runs_[i].columns, runs_[i].levels});
  }

  std::vector<Run> runs_;
  std::int64_t rows_;
  std::vector<Var> logits_;
  bool bins_;
};

class Levels final : public Likelihood {
 public:
  Levels(const Settings& settings, bool bins)
      : levels_(parse_widths("levels", settings.at("levels"))), bins_(bins) {}

  std::unique_ptr<LikelihoodBatch> build(const Scope& scope, Var features,
                                         std::int64_t dimensions) const override {
    return std::make_unique<LevelsBatch>(scope / "logits", features, runs(dimensions), bins_);
  }

  Features features(Var x) const override {
    const std::int64_t B = x.shape()[0];
    std::vector<Var> parts;
    for (const Run& run : runs(x.shape()[1])) {
      Var values = slice(x, 1, run.first_column, run.columns);
      if (bins_) values = floor(values);
      parts.push_back(reshape(ones_of(values, run.levels), {B, run.columns * run.levels}));
    }
    return Features({}, joined(parts, 1));
  }

  double absent() const override { return -1; }
  bool is_mass() const override { return !bins_; }

 private:
  // One number of levels is for every column.
  std::vector<Run> runs(std::int64_t columns) const {
    if (levels_.size() == 1) return {{0, columns, levels_[0]}};
    check(columns == std::ssize(levels_), ErrorCode::invalid_argument, "likelihood",
          "expected a number of levels for each of {} columns, got {}; give one, or as many "
          "separated by commas",
          columns, levels_.size());
    return runs_of(levels_);
  }

  std::vector<std::int64_t> levels_;
  bool bins_;
};

ComponentInfo<Likelihood> levels_likelihood(std::string name, std::string summary, bool bins) {
  return {std::move(name),
          std::move(summary),
          {{.name = "levels",
            .help = bins ? "number of bins of each column" : "number of levels of each column",
            .fallback = "2",
            .widths = true}},
          [bins](const Settings& settings) { return std::make_unique<Levels>(settings, bins); }};
}

}  // namespace

ComponentInfo<Likelihood> categorical_likelihood() {
  return levels_likelihood("categorical", "categories 0, 1, ... by their logits", false);
}

ComponentInfo<Likelihood> bins_likelihood() {
  return levels_likelihood("bins", "numbers cut into bins: a category each, uniform within", true);
}

}  // namespace diabolo
