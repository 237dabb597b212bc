// Expectation-maximisation by products of matrices: with the features f(x) = (1, x_i, x_i x_j) of
// a code, the log densities of all components are f(x) times a matrix, and the sums that new means
// and covariances need are the responsibilities, turned, times f(x). In double, block by block.
// Covariances are drawn towards what they began as (an inverse Wishart prior; Fraley & Raftery,
// 2007), so that components of few codes do not close around these.
#include <diabolo/base/error.h>
#include <diabolo/base/index.h>
#include <diabolo/base/math.h>
#include <diabolo/base/random.h>
#include <diabolo/kernels/product.h>
#include <diabolo/prob/mixture.h>
#include <diabolo/prob/normal.h>
#include <diabolo/tensor/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace diabolo {
namespace {

constexpr std::int64_t kMostCodes = 50000, kBlock = 512;
constexpr std::int64_t kMostParts = 16;    // of the codes, whatever the number of threads
constexpr std::int64_t kFewestCodes = 10;  // for each component
constexpr int kMostIterations = 60;
constexpr double kEnough = 1e-3;      // nats per code gained by an iteration
constexpr double kKnown = 3;          // codes a dimension that the first variances count for
constexpr double kWorth = 0.1;        // nats per held-out code that make fewer components better
constexpr std::size_t kHeldOut = 10;  // of so many codes one tells how many components to take

using Matrix = std::vector<double>;

// Cholesky factor in place, lower; what is not positive definite is lifted along the diagonal.
void cholesky(double* a, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) {
    double d = a[j * n + j];
    for (std::int64_t k = 0; k < j; ++k) d -= a[j * n + k] * a[j * n + k];
    const double root = std::sqrt(std::max(d, 1e-12));
    a[j * n + j] = root;
    for (std::int64_t i = j + 1; i < n; ++i) {
      double s = a[i * n + j];
      for (std::int64_t k = 0; k < j; ++k) s -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = s / root;
      a[j * n + i] = 0;
    }
  }
}

double log_determinant(const double* l, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += std::log(l[i * n + i]);
  return sum;
}

// The codes in an order drawn by `seed`, at most kMostCodes of them, as double.
Matrix draw_codes(std::span<const float> codes, std::int64_t z, std::uint64_t seed) {
  const std::int64_t n = std::ssize(codes) / z;
  std::vector<std::int64_t> order(index(n));
  std::iota(order.begin(), order.end(), 0);
  RandomStream random({.seed = seed, .stream = Stream::mixture});
  const std::int64_t kept = std::min(n, kMostCodes);
  Matrix x;
  for (std::int64_t i = 0; i < kept; ++i) {
    std::swap(order[index(i)], order[index(i) + random.below(static_cast<std::uint64_t>(n - i))]);
    for (std::int64_t d = 0; d < z; ++d)
      x.push_back(static_cast<double>(codes[index(order[index(i)] * z + d)]));
  }
  return x;
}

struct Centres {
  Matrix mean;          // [C, Z]
  double distance = 0;  // mean square of a code's distance to the nearest
};

// k-means++: each further centre is a code drawn by its squared distance to the nearest so far.
Centres first_centres(std::span<const double> x, std::int64_t z, std::int64_t components,
                      std::uint64_t seed) {
  const std::int64_t n = std::ssize(x) / z;
  RandomStream random({.seed = seed, .stream = Stream::mixture, .pass = 1});
  std::vector<double> nearest(index(n), std::numeric_limits<double>::infinity());
  Centres centres;
  std::int64_t chosen = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(n)));
  for (std::int64_t c = 0; c < components; ++c) {
    centres.mean.insert(centres.mean.end(), x.begin() + chosen * z, x.begin() + (chosen + 1) * z);
    double total = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      double d2 = 0;
      for (std::int64_t d = 0; d < z; ++d) {
        const double e = x[index(i * z + d)] - centres.mean[index(c * z + d)];
        d2 += e * e;
      }
      nearest[index(i)] = std::min(nearest[index(i)], d2);
      total += nearest[index(i)];
    }
    centres.distance = total / static_cast<double>(n);
    double target = random.uniform() * total;
    for (chosen = 0; chosen + 1 < n && target >= nearest[index(chosen)]; ++chosen)
      target -= nearest[index(chosen)];
  }
  return centres;
}

Matrix variances(std::span<const double> x, std::int64_t z) {
  const std::int64_t rows = std::ssize(x) / z;
  const auto n = static_cast<double>(rows);
  Matrix sums(index(z)), squares(index(z));
  for (std::size_t i = 0; i < x.size(); ++i) {
    sums[i % index(z)] += x[i];
    squares[i % index(z)] += x[i] * x[i];
  }
  for (std::size_t d = 0; d < index(z); ++d) {
    const double mean = sums[d] / n;
    squares[d] = std::max(squares[d] / n - mean * mean, 1e-12);
  }
  return squares;
}

// Steps of EM on one set of codes.
class Em {
 public:
  /// `variance` [Z]: what covariances are drawn to. `pool` may be null.
  Em(std::span<const double> x, Mixture& m, const Matrix& variance, ThreadPool* pool)
      : x_(x),
        m_(m),
        variance_(variance),
        pool_(pool),
        features_(1 + m.dimensions + m.dimensions * (m.dimensions + 1) / 2),
        density_(kernels::make_portable_product(
            {.m = kBlock, .n = m.components, .k = features_, .dtype = DType::f64},
            kernels::best_level())),
        gather_(kernels::make_portable_product({.m = m.components,
                                                .n = features_,
                                                .k = kBlock,
                                                .trans_a = true,
                                                .accumulate = true,
                                                .dtype = DType::f64},
                                               kernels::best_level())),
        weights_(index(features_ * m.components)) {
    const std::int64_t blocks = (codes() + kBlock - 1) / kBlock;
    const auto bytes = static_cast<std::int64_t>(
        std::max({density_->scratch_bytes(), gather_->scratch_bytes(), std::size_t{1}}));
    for (std::int64_t i = 0; i < std::min(blocks, kMostParts); ++i)
      parts_.push_back({.scratch = Tensor(DType::u8, {bytes}),
                        .features = Matrix(index(kBlock * features_)),
                        .shares = Matrix(index(kBlock * m.components)),
                        .sums = Matrix(weights_.size())});
  }

  /// Mean log density of the codes; if `learn`, then new components from their responsibilities.
  double step(bool learn) {
    set_weights();
    const auto pass = [&](int part) { pass_over(parts_[index(part)], part, learn); };
    const int parts = static_cast<int>(parts_.size());
    if (pool_)
      pool_->run(parts, pass);
    else
      for (int part = 0; part < parts; ++part) pass(part);
    double total = parts_[0].total;
    for (std::size_t part = 1; part < parts_.size(); ++part) {
      total += parts_[part].total;
      for (std::size_t i = 0; i < weights_.size(); ++i) parts_[0].sums[i] += parts_[part].sums[i];
    }
    if (learn) maximize();
    return total / static_cast<double>(codes());
  }

 private:
  struct Part {
    Tensor scratch;
    Matrix features, shares;  // of a block of codes
    Matrix sums;              // [C, features]
    double total = 0;         // of log densities
  };

  std::int64_t codes() const { return std::ssize(x_) / m_.dimensions; }

  // The blocks number, number + parts, ... of the codes.
  void pass_over(Part& part, std::int64_t number, bool learn) const {
    const std::int64_t C = m_.components;
    void* scratch = part.scratch.data();
    std::fill(part.sums.begin(), part.sums.end(), 0.0);
    part.total = 0;
    for (std::int64_t first = number * kBlock; first < codes();
         first += std::ssize(parts_) * kBlock) {
      const std::int64_t rows = std::min(kBlock, codes() - first);
      set_features(first, rows, part.features);
      density_->run({.a = part.features.data(), .b = weights_.data(), .c = part.shares.data()},
                    scratch);
      for (std::int64_t i = 0; i < rows; ++i) {
        const std::span<double> row{&part.shares[index(i * C)], index(C)};
        part.total += learn ? to_shares(row) : log_sum_exp(row);
      }
      std::fill(part.shares.begin() + rows * C, part.shares.end(), 0.0);
      if (learn)
        gather_->run({.a = part.shares.data(), .b = part.features.data(), .c = part.sums.data()},
                     scratch);
    }
  }

  // log w - log det - (Z log 2 pi)/2 - (x - mean)' P (x - mean)/2 as a sum over features.
  void set_weights() {
    const std::int64_t z = m_.dimensions, C = m_.components;
    Matrix inverse(index(z * z));  // of L, lower
    for (std::int64_t c = 0; c < C; ++c) {
      const double* l = &m_.cholesky[index(c * z * z)];
      const double* mean = &m_.mean[index(c * z)];
      for (std::int64_t j = 0; j < z; ++j)
        for (std::int64_t i = j; i < z; ++i) {
          double s = i == j ? 1 : 0;
          for (std::int64_t k = j; k < i; ++k) s -= l[i * z + k] * inverse[index(k * z + j)];
          inverse[index(i * z + j)] = s / l[i * z + i];
        }
      double constant =
          m_.log_weight[index(c)] - m_.log_det[index(c)] - 0.5 * static_cast<double>(z) * kLogTwoPi;
      std::int64_t f = 1 + z;
      for (std::int64_t i = 0; i < z; ++i) weights_[index((1 + i) * C + c)] = 0;
      for (std::int64_t i = 0; i < z; ++i)
        for (std::int64_t j = 0; j <= i; ++j) {
          double p = 0;  // of the precision
          for (std::int64_t k = i; k < z; ++k)
            p += inverse[index(k * z + i)] * inverse[index(k * z + j)];
          weights_[index(f++ * C + c)] = i == j ? -0.5 * p : -p;
          weights_[index((1 + i) * C + c)] += p * mean[j];
          if (i != j) weights_[index((1 + j) * C + c)] += p * mean[i];
          constant -= (i == j ? 0.5 : 1) * p * mean[i] * mean[j];
        }
      weights_[index(c)] = constant;
    }
  }

  void set_features(std::int64_t first, std::int64_t rows, Matrix& features) const {
    const std::int64_t z = m_.dimensions;
    double* f = features.data();
    for (std::int64_t row = 0; row < rows; ++row) {
      const double* x = &x_[index((first + row) * z)];
      *f++ = 1;
      f = std::copy_n(x, z, f);
      for (std::int64_t i = 0; i < z; ++i)
        for (std::int64_t j = 0; j <= i; ++j) *f++ = x[i] * x[j];
    }
    std::fill(f, features.data() + features.size(), 0.0);
  }

  static double log_sum_exp(std::span<const double> row) {
    const double top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const double v : row) sum += std::exp(v - top);
    return top + std::log(sum);
  }

  // Log densities to shares, in place; returns about what log_sum_exp does.
  static double to_shares(std::span<double> row) {
    const double top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (double& v : row)  // a share needs no more than the digits of a float
      v = static_cast<double>(math::exp(static_cast<float>(std::max(v - top, -80.0))));
    for (const double v : row) sum += v;
    const double scale = 1 / sum;
    for (double& v : row) v *= scale;
    return top + std::log(sum);
  }

  void maximize() {
    const std::int64_t z = m_.dimensions;
    const double known = kKnown * static_cast<double>(z);
    for (std::int64_t c = 0; c < m_.components; ++c) {
      const double* sums = &parts_[0].sums[index(c * features_)];
      const double weight = std::max(sums[0], 1e-10);
      double* mean = &m_.mean[index(c * z)];
      double* covariance = &m_.cholesky[index(c * z * z)];
      for (std::int64_t d = 0; d < z; ++d) mean[d] = sums[1 + d] / weight;
      const double* squares = sums + 1 + z;
      for (std::int64_t i = 0; i < z; ++i)
        for (std::int64_t j = 0; j <= i; ++j)
          covariance[i * z + j] = (*squares++ - weight * mean[i] * mean[j] +
                                   (i == j ? known * variance_[index(i)] : 0)) /
                                  (weight + known);
      cholesky(covariance, z);
      m_.log_det[index(c)] = log_determinant(covariance, z);
      m_.log_weight[index(c)] = std::log(weight / static_cast<double>(codes()));
    }
  }

  std::span<const double> x_;
  Mixture& m_;
  const Matrix& variance_;
  ThreadPool* pool_;
  std::int64_t features_;
  std::unique_ptr<const kernels::Product> density_, gather_;
  Matrix weights_;  // [features, C]
  std::vector<Part> parts_;
};

struct Start {
  Mixture mixture;
  Matrix variance;  // [Z], of each component
};

Start first_mixture(std::span<const double> x, std::int64_t z, std::int64_t components,
                    std::uint64_t seed) {
  const std::int64_t C = std::clamp<std::int64_t>(std::ssize(x) / z / kFewestCodes, 1, components);
  Centres centres = first_centres(x, z, C, seed);
  Mixture m{.components = C,
            .dimensions = z,
            .log_weight = std::vector<double>(index(C), -std::log(static_cast<double>(C))),
            .mean = std::move(centres.mean),
            .cholesky = std::vector<double>(index(C * z * z)),
            .log_det = {}};
  // Each begins as wide as codes are from their nearest centre, along the axes as all codes are.
  Matrix variance = variances(x, z);
  const double all = std::accumulate(variance.begin(), variance.end(), 0.0);
  for (double& v : variance) v *= std::clamp(centres.distance / all, 1e-3, 1.0);
  for (std::int64_t c = 0; c < C; ++c)
    for (std::int64_t d = 0; d < z; ++d)
      m.cholesky[index((c * z + d) * z + d)] = std::sqrt(variance[index(d)]);
  m.log_det.assign(index(C), log_determinant(m.cholesky.data(), z));
  return {std::move(m), std::move(variance)};
}

using Stop = std::function<bool()>;

void run_em(Start& start, std::span<const double> x, const Stop& should_stop, ThreadPool* pool) {
  Em em(x, start.mixture, start.variance, pool);
  double before = -std::numeric_limits<double>::infinity();
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    const double now = em.step(true);
    if (now - before < kEnough || (should_stop && should_stop())) break;
    before = now;
  }
}

}  // namespace

Mixture fit_mixture(std::span<const float> codes, std::int64_t dimensions, std::int64_t components,
                    std::uint64_t seed, const Stop& should_stop, ThreadPool* pool) {
  const Matrix x = draw_codes(codes, dimensions, seed);
  check(!x.empty(), ErrorCode::invalid_argument, "mixture", "expected codes to fit, got none");
  Start m = first_mixture(x, dimensions, components, seed);
  run_em(m, x, should_stop, pool);
  return std::move(m.mixture);
}

Mixture choose_mixture(std::span<const float> codes, std::int64_t dimensions, std::int64_t most,
                       std::uint64_t seed, const Stop& should_stop, ThreadPool* pool) {
  const Matrix x = draw_codes(codes, dimensions, seed);
  check(!x.empty(), ErrorCode::invalid_argument, "mixture", "expected codes to fit, got none");
  const std::size_t rows = x.size() / index(dimensions);
  const std::size_t cut = (rows - rows / kHeldOut) * index(dimensions);
  const std::span<const double> learned = std::span(x).first(cut),
                                held_out = std::span(x).subspan(cut);
  Start best;
  double best_density = -std::numeric_limits<double>::infinity();
  for (std::int64_t components = most; components >= 1; components /= 2) {
    Start m = first_mixture(learned, dimensions, components, seed);
    run_em(m, learned, should_stop, pool);
    const bool last = held_out.empty() || (should_stop && should_stop());
    const double density =
        held_out.empty() ? 0 : Em(held_out, m.mixture, m.variance, pool).step(false);
    if (density < best_density + kWorth) break;
    best_density = density;
    components = m.mixture.components;  // of few codes there were fewer
    best = std::move(m);
    if (last) return std::move(best.mixture);
  }
  run_em(best, x, should_stop, pool);
  return std::move(best.mixture);
}

double log_prob(const Mixture& mixture, std::span<const double> z) {
  Mixture copy = mixture;
  const Matrix unused(z.size());
  return Em(z, copy, unused, nullptr).step(false);
}

}  // namespace diabolo
