#include <diabolo/base/index.h>
#include <diabolo/base/random.h>
#include <diabolo/data/columns.h>
#include <diabolo/train/bound.h>
#include <diabolo/train/score_reference.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace diabolo {
namespace {

constexpr std::int64_t kMostRows = 4000, kSamples = 16, kQuantiles = 1000;
constexpr std::int64_t kFewestMasked = 1000;  // masked rows that costs are found on, at least
constexpr double kLowestRate = 0.05, kHighestRate = 0.6;
constexpr double kRidge = 1e-3;
// Of the noise: that of `score` by default, since equal rows have equal noise. Where a row stands
// in the data many times, its score in the reference is that which it will have.
constexpr std::uint64_t kScoreSeed = 0;

// Far rows may have no finite likelihood: they are as odd as can be.
constexpr double kOddest = 1e300;

double bounded(double score) {
  return std::isnan(score) ? kOddest : std::clamp(score, -kOddest, kOddest);
}

std::vector<double> quantiles_of(std::vector<double> scores) {
  for (double& score : scores) score = bounded(score);
  std::sort(scores.begin(), scores.end());
  const std::size_t steps = std::min(index(kQuantiles), scores.size() - 1);
  std::vector<double> quantiles;
  for (std::size_t q = 0; q <= steps; ++q)
    quantiles.push_back(scores[steps == 0 ? 0 : q * (scores.size() - 1) / steps]);
  return quantiles;
}

// Rows with cells hidden at a rate drawn for each.
Dataset masked(const Dataset& data, std::uint64_t seed, std::uint64_t pass) {
  Dataset copy = data.rows(0, data.size());
  const auto N = index(data.size()), D = index(data.dimensions());
  CellHider hider(copy);
  for (std::size_t row = 0; row < N; ++row) {
    RandomStream random({.seed = seed, .stream = Stream::complete, .pass = pass, .row = row});
    const double rate = kLowestRate + (kHighestRate - kLowestRate) * random.uniform();
    for (std::size_t d = 0; d < D; ++d)
      if (random.uniform() < rate) hider.hide(row, d);
  }
  return copy;
}

// Solves (A + ridge) x = b for a symmetric A [n, n], by Cholesky.
std::vector<double> solve(std::vector<double> a, std::vector<double> b) {
  const std::size_t n = b.size();
  double trace = 0;
  for (std::size_t i = 0; i < n; ++i) trace += a[i * n + i];
  for (std::size_t i = 0; i < n; ++i)
    a[i * n + i] += kRidge * trace / static_cast<double>(n) + 1e-12;
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k) a[j * n + j] -= a[j * n + k] * a[j * n + k];
    a[j * n + j] = std::sqrt(std::max(a[j * n + j], 1e-300));
    for (std::size_t i = j + 1; i < n; ++i) {
      for (std::size_t k = 0; k < j; ++k) a[i * n + j] -= a[i * n + k] * a[j * n + k];
      a[i * n + j] /= a[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

// What tells the cost of a row's holes: one for each column that is missing (or their number), and
// the square of the share of missing cells.
std::vector<double> features(std::span<const float> cells) {
  std::vector<double> x(index(ScoreReference::count_of_costs(std::ssize(cells))), 0.0);
  const bool one_for_all = x.size() < cells.size() + 1;
  double count = 0;
  for (std::size_t d = 0; d < cells.size(); ++d) {
    if (cells[d] == cells[d]) continue;
    x[one_for_all ? 0 : d] += 1;
    ++count;
  }
  x.back() = count * count / static_cast<double>(cells.size());
  return x;
}

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// Scores without the costs of holes, and the holes.
struct Scored {
  std::vector<std::vector<double>> features = {};
  std::vector<double> scores = {};

  void add(std::span<const float> cells, double score) {
    features.push_back(diabolo::features(cells));
    scores.push_back(score);
  }
};

// The same with costs, and the number of holes of each row.
class Priced {
 public:
  Priced(const Scored& rows, const std::vector<double>& cost) : scores_(rows.scores) {
    for (std::size_t r = 0; r < scores_.size(); ++r) {
      const std::vector<double>& x = rows.features[r];
      scores_[r] += dot(x, cost);
      holes_.push_back(std::accumulate(x.begin(), x.end() - 1, 0.0));
    }
  }
  /// With `shift` more for each hole.
  std::vector<double> with(double shift) const {
    std::vector<double> all = scores_;
    for (std::size_t r = 0; r < all.size(); ++r) all[r] += shift * holes_[r];
    return all;
  }

 private:
  std::vector<double> scores_, holes_;
};

// Rows of which more cells were hidden, and what their scores lack for these.
struct Lacking {
  std::vector<std::vector<double>> features = {};  // those of the holes made, less those of before
  std::vector<double> lacked = {};
};

// The least sum of absolute residuals, by least squares that are weighted again: a few rows that
// are far from likely shall not set the price of a hole.
std::vector<double> fit_costs(const Lacking& rows) {
  constexpr int kRounds = 8;
  const std::size_t n = rows.features.front().size();
  std::vector<double> cost(n, 0.0), weights(rows.lacked.size(), 1.0);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> squares(n * n), products(n);
    for (std::size_t r = 0; r < rows.lacked.size(); ++r) {
      const std::vector<double>& x = rows.features[r];
      for (std::size_t i = 0; i < n; ++i) {
        if (x[i] == 0) continue;
        products[i] += weights[r] * x[i] * rows.lacked[r];
        for (std::size_t j = 0; j < n; ++j) squares[i * n + j] += weights[r] * x[i] * x[j];
      }
    }
    cost = solve(std::move(squares), std::move(products));
    double typical = 0;
    for (std::size_t r = 0; r < weights.size(); ++r) {
      weights[r] = std::abs(rows.lacked[r] - dot(rows.features[r], cost));
      typical += weights[r] / static_cast<double>(weights.size());
    }
    for (double& w : weights) w = 1 / std::max(w, 0.01 * typical + 1e-12);
  }
  return cost;
}

// The share of pairs in which a row with holes scores above a whole row.
double share_above(const std::vector<double>& holed, const std::vector<double>& sorted) {
  double below = 0;
  for (const double x : holed)
    below +=
        static_cast<double>((std::lower_bound(sorted.begin(), sorted.end(), x) - sorted.begin()) +
                            (std::upper_bound(sorted.begin(), sorted.end(), x) - sorted.begin()));
  return below / (2.0 * static_cast<double>(holed.size()) * static_cast<double>(sorted.size()));
}

// What a hole in any column costs more, so that a row with holes scores above one without as often
// as below: residuals are skewed.
double shift_of_holes(const Priced& before, const Priced& hidden, double widest) {
  double low = -widest, high = widest;
  for (int step = 0; step < 50; ++step) {
    const double middle = (low + high) / 2;
    std::vector<double> scores = before.with(middle);
    std::sort(scores.begin(), scores.end());
    (share_above(hidden.with(middle), scores) < 0.5 ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::vector<double> costs(const ModelPrograms& programs, const Dataset& rows,
                          std::span<const double> scores, std::uint64_t seed, ThreadPool* pool) {
  const auto D = index(rows.dimensions());
  Lacking lacking;
  Scored before, hidden;
  for (std::size_t row = 0; row < scores.size(); ++row)
    before.add(rows.values.as<float>().subspan(row * D, D), bounded(scores[row]));
  double widest = 1e-9;
  std::vector<double> likelihood(scores.size());
  const std::int64_t passes = (kFewestMasked + rows.size() - 1) / rows.size();
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    const Dataset holed = masked(rows, seed, static_cast<std::uint64_t>(pass));
    log_likelihood(programs, holed, kSamples, kScoreSeed, pool, {.marginal = likelihood});
    for (std::size_t row = 0; row < scores.size(); ++row) {
      if (!std::isfinite(scores[row]) || !std::isfinite(likelihood[row])) continue;
      hidden.add(holed.values.as<float>().subspan(row * D, D), -likelihood[row]);
      std::vector<double> x = hidden.features.back();
      for (std::size_t i = 0; i < x.size(); ++i) x[i] -= before.features[row][i];
      lacking.features.push_back(std::move(x));
      lacking.lacked.push_back(scores[row] + likelihood[row]);
      widest = std::max(widest, std::abs(lacking.lacked.back()));
    }
  }
  if (lacking.lacked.empty()) return {};
  std::vector<double> cost = fit_costs(lacking);
  const double shift = shift_of_holes({before, cost}, {hidden, cost}, widest);
  for (std::size_t i = 0; i + 1 < cost.size(); ++i) cost[i] += shift;
  return cost;
}

}  // namespace

ScoreReference score_reference(const ModelPrograms& programs, const Dataset& held_out,
                               std::uint64_t seed, ThreadPool* pool) {
  const Dataset rows = held_out.rows(0, std::min(held_out.size(), kMostRows));
  const auto N = index(rows.size()), D = index(rows.dimensions());
  std::vector<double> scores(N), columns(N * D);
  log_likelihood(programs, rows, kSamples, kScoreSeed, pool,
                 {.marginal = scores, .columns = columns});
  for (double& score : scores) score = -score;
  // Of cells; units cancel where they are compared.
  ScoreReference reference{
      .quantiles = {}, .column_means = std::vector<double>(D), .missing_costs = {}};
  std::vector<double> observed(D);  // cells
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!std::isfinite(columns[i])) continue;
    reference.column_means[i % D] -= columns[i];
    if (rows.values.dtype() == DType::u8 || !std::isnan(rows.values.as<float>()[i]))
      observed[i % D] += 1;
  }
  for (std::size_t d = 0; d < D; ++d) reference.column_means[d] /= std::max(observed[d], 1.0);
  if (programs.vae().has_partial())
    reference.missing_costs = costs(programs, rows, scores, seed, pool);
  if (rows.values.dtype() == DType::f32)
    for (std::size_t row = 0; row < N; ++row)
      scores[row] += missing_cost(reference, rows.values.as<float>().subspan(row * D, D));
  reference.quantiles = quantiles_of(scores);
  return reference;
}

double missing_cost(const ScoreReference& reference, std::span<const float> cells) {
  if (reference.missing_costs.empty() ||
      std::none_of(cells.begin(), cells.end(), [](float x) { return x != x; }))
    return 0;
  const std::vector<double> x = features(cells);
  double cost = 0;
  for (std::size_t i = 0; i < x.size(); ++i) cost += x[i] * reference.missing_costs[i];
  return cost;
}

}  // namespace diabolo
