#include <diabolo/train/bound.h>
#include <diabolo/train/measure.h>
#include <diabolo/train/rows.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace diabolo {
namespace {

constexpr std::int64_t kBlockBytes = 8 << 20;  // of rows prepared at a time
constexpr std::int64_t kDraws = 16;            // codes a row in one plan

double mean_of(std::span<const double> x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// Mean of what `out` collected for its rows.
void take(RowProgram::Chunk& chunk, std::string_view slot, std::int64_t first,
          std::span<double> out) {
  const auto from = chunk.get<float>(slot);
  for (std::int64_t r = 0; r < chunk.rows; ++r)
    out[static_cast<std::size_t>(first + chunk.first + r)] =
        static_cast<double>(from[static_cast<std::size_t>(r)]);
}

// Sum over rows of (reconstruction - data)^2, row by row.
void squared_errors(const ModelData& model, RowProgram::Chunk& chunk, const Dataset& data,
                    std::int64_t first, std::span<double> out) {
  const auto net = chunk.get<float>("net");
  const auto D = static_cast<std::size_t>(model.dimensions);
  const auto add = [&](auto values) {
    model.transform.to_data(
        net.first(static_cast<std::size_t>(chunk.rows) * D), model.dimensions,
        [&](std::size_t r, std::size_t d, std::span<const double> numbers) {
          const std::size_t row = static_cast<std::size_t>(first + chunk.first) + r;
          double sum = d == 0 ? 0 : out[row];
          for (std::size_t i = 0; i < numbers.size(); ++i) {
            const double e = numbers[i] - static_cast<double>(values[row * D + d + i]);
            sum += e * e;
          }
          out[row] = sum;
        });
  };
  if (data.values.dtype() == DType::u8)
    add(data.values.as<std::uint8_t>());
  else
    add(data.values.as<float>());
}

std::vector<double> column_means(std::span<const float> x, std::int64_t columns) {
  std::vector<double> sum(static_cast<std::size_t>(columns), 0);
  for (std::size_t i = 0; i < x.size(); ++i) sum[i % sum.size()] += static_cast<double>(x[i]);
  for (double& s : sum) s *= static_cast<double>(columns) / static_cast<double>(x.size());
  return sum;
}

std::int64_t count_active(std::span<const float> means, std::int64_t columns) {
  const std::vector<double> centre = column_means(means, columns);
  std::vector<double> squares(centre.size(), 0);
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double e = static_cast<double>(means[i]) - centre[i % centre.size()];
    squares[i % centre.size()] += e * e;
  }
  const double rows = static_cast<double>(means.size()) / static_cast<double>(columns);
  return std::count_if(squares.begin(), squares.end(),
                       [&](double s) { return s / rows > kActiveVariance; });
}

// Rows from `begin` on as they came, to a chunk's input.
void copy_rows(const Dataset& data, std::int64_t begin, RowProgram::Chunk& chunk) {
  const std::size_t bytes =
      static_cast<std::size_t>(data.dimensions()) * size_of(data.values.dtype());
  std::memcpy(chunk.find("x")->data(), data.values.data() + static_cast<std::size_t>(begin) * bytes,
              static_cast<std::size_t>(chunk.rows) * bytes);
}

}  // namespace

RowsIn for_each_block(
    const ModelPrograms& programs, const Dataset& data, std::uint64_t seed, ThreadPool* pool,
    FunctionRef<void(std::int64_t, std::span<const float>, std::span<const std::uint64_t>)> f) {
  const RowsIn in = check_rows(programs.model(), programs.vae(), data, pool);
  const std::int64_t D = data.dimensions();
  // Whole chunks of rows, in a bounded amount of memory.
  const std::int64_t block =
      std::max<std::int64_t>(kBlockBytes / (4 * D * RowProgram::kChunk), 1) * RowProgram::kChunk;
  const std::int64_t most = std::min(block, data.size());
  // Kept by the thread: a server that scores row after row allocates nothing once it is warm.
  thread_local std::vector<float> net;
  thread_local std::vector<std::uint64_t> keys;
  net.resize(static_cast<std::size_t>(most * D));
  keys.resize(static_cast<std::size_t>(most));
  for (std::int64_t first = 0; first < data.size(); first += block) {
    const std::int64_t n = std::min(block, data.size() - first);
    programs.run(
        programs.prepare(data.values.dtype()), n, {.seed = seed}, pool,
        [&, keys = std::span(keys)](RowProgram::Chunk& chunk) {
          const std::int64_t begin = first + chunk.first;
          copy_rows(data, begin, chunk);
          const auto chunk_keys = chunk.get<std::uint64_t>("keys");
          for (std::int64_t r = 0; r < chunk.rows; ++r) {
            const std::uint64_t key = row_key(data.values, begin + r);
            keys[static_cast<std::size_t>(chunk.first + r)] = key;
            if (!chunk_keys.empty()) chunk_keys[static_cast<std::size_t>(r)] = key;
          }
        },
        [&, net = std::span(net)](RowProgram::Chunk& chunk) {
          std::copy_n(chunk.get<float>("net").begin(), chunk.rows * D,
                      net.begin() + chunk.first * D);
        });
    f(first, {net.data(), static_cast<std::size_t>(n * D)},
      {keys.data(), static_cast<std::size_t>(n)});
  }
  return in;
}

void fill_chunk(RowProgram::Chunk& chunk, const Dataset& data) {
  copy_rows(data, chunk.first, chunk);
  const auto keys = chunk.get<std::uint64_t>("keys");  // empty, if nothing is drawn
  for (std::int64_t r = 0; r < std::min(chunk.rows, std::ssize(keys)); ++r)
    keys[static_cast<std::size_t>(r)] = row_key(data.values, chunk.first + r);
}

void fill_chunk(RowProgram::Chunk& chunk, std::span<const float> net, std::int64_t width,
                std::span<const std::uint64_t> keys) {
  const auto x = chunk.get<float>("x");
  std::copy_n(net.begin() + chunk.first * width, x.empty() ? 0 : chunk.rows * width, x.begin());
  const auto to = chunk.get<std::uint64_t>("keys");
  std::copy_n(keys.begin() + chunk.first, to.empty() ? 0 : chunk.rows, to.begin());
}

void for_each_encoder(
    const ModelPrograms& programs, const Dataset& data,
    FunctionRef<void(EncoderChoice, const Dataset&, std::span<const std::int64_t>)> f) {
  if (!programs.vae().has_partial() || data.values.dtype() != DType::f32)
    return f(EncoderChoice::main, data, {});
  std::vector<std::int64_t> whole, holed;
  const auto x = data.values.as<float>();
  const auto D = static_cast<std::size_t>(data.dimensions());
  for (std::int64_t row = 0; row < data.size(); ++row) {
    const auto cells = x.subspan(static_cast<std::size_t>(row) * D, D);
    const bool has_hole = std::any_of(cells.begin(), cells.end(), [](float v) { return v != v; });
    (has_hole ? holed : whole).push_back(row);
  }
  if (holed.empty()) return f(EncoderChoice::main, data, {});
  if (whole.empty()) return f(EncoderChoice::partial, data, {});
  f(EncoderChoice::main, data.select(whole), whole);
  f(EncoderChoice::partial, data.select(holed), holed);
}

namespace {

// The place in the whole of row `i` of a part.
std::size_t place(std::span<const std::int64_t> places, std::int64_t i) {
  return static_cast<std::size_t>(places.empty() ? i : places[static_cast<std::size_t>(i)]);
}

double log_slope(const Dataset& data, std::int64_t row) {
  return data.log_slopes.empty() ? 0 : data.log_slopes[static_cast<std::size_t>(row)];
}

// Running sums of self-normalised weights for the rows of a block: log sum exp, and sums of log_px
// and of its columns.
class WeightedSums {
 public:
  WeightedSums(std::int64_t rows, std::int64_t columns) : columns_(columns) {
    // Kept by the thread: a server that scores row after row allocates nothing once it is warm.
    thread_local std::vector<double> memory;
    const auto n = static_cast<std::size_t>(rows);
    memory.assign(n * static_cast<std::size_t>(3 + columns), 0);
    const std::span<double> all(memory);
    top_ = all.first(n), sum_ = all.subspan(n, n), weighted_ = all.subspan(2 * n, n);
    by_column_ = all.subspan(3 * n);
    std::fill(top_.begin(), top_.end(), -std::numeric_limits<double>::infinity());
  }

  // A draw of row `row`: its weight, log p(x|z), and that by column.
  void add(std::size_t row, double log_w, double log_px, std::span<const float> columns) {
    // A weight of zero adds nothing; a weight that is not a number neither: the row is odd.
    if (!(log_w > -std::numeric_limits<double>::infinity())) return;
    const auto mine = by_column_.subspan(row * columns.size(), columns.size());
    if (log_w > top_[row]) {
      const double shrink = std::exp(top_[row] - log_w);
      sum_[row] *= shrink;
      weighted_[row] *= shrink;
      for (double& x : mine) x *= shrink;
      top_[row] = log_w;
    }
    const double share = std::exp(log_w - top_[row]);
    sum_[row] += share;
    weighted_[row] += share * log_px;
    for (std::size_t d = 0; d < columns.size(); ++d)
      mine[d] += share * static_cast<double>(columns[d]);
  }

  double marginal(std::size_t row, std::int64_t samples) const {
    return top_[row] + std::log(sum_[row] / static_cast<double>(samples));
  }
  double given_z(std::size_t row) const {
    return sum_[row] > 0 ? weighted_[row] / sum_[row] : top_[row];
  }
  double column(std::size_t row, std::size_t d) const {
    return by_column_[row * static_cast<std::size_t>(columns_) + d] / sum_[row];
  }

 private:
  std::int64_t columns_;
  std::span<double> top_, sum_, weighted_, by_column_;
};

void log_likelihood_of(const ModelPrograms& programs, EncoderChoice encoder, const Dataset& data,
                       std::span<const std::int64_t> places, std::int64_t samples,
                       std::uint64_t seed, ThreadPool* pool, const RowLikelihoods& out) {
  const std::int64_t D = data.dimensions(), columns = out.columns.empty() ? 0 : D;
  for_each_block(programs, data, seed, pool, [&](std::int64_t first, auto net, auto keys) {
    const std::int64_t n = std::ssize(keys);
    WeightedSums sums(n, columns);
    for (std::int64_t done = 0; done < samples; done += kDraws) {
      const std::int64_t draws = std::min(kDraws, samples - done);
      programs.run(
          columns > 0 ? programs.column_weights(draws, encoder) : programs.weights(draws, encoder),
          n, {.seed = seed, .pass = 0, .first_draw = static_cast<std::uint32_t>(done)}, pool,
          [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
          [&, sums](RowProgram::Chunk& chunk) mutable {
            const auto log_w = chunk.get<float>("log_w"), log_px = chunk.get<float>("log_px"),
                       cells = chunk.get<float>("columns");
            for (std::int64_t k = 0; k < draws; ++k)
              for (std::int64_t r = 0; r < chunk.rows; ++r) {
                const auto at = static_cast<std::size_t>(k * chunk.capacity + r);
                sums.add(static_cast<std::size_t>(chunk.first + r), static_cast<double>(log_w[at]),
                         static_cast<double>(log_px[at]),
                         cells.subspan(at * static_cast<std::size_t>(columns),
                                       static_cast<std::size_t>(columns)));
              }
          });
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const auto row = static_cast<std::size_t>(i);
      const std::size_t to = place(places, first + i);
      const double slope = log_slope(data, first + i);
      if (!out.marginal.empty()) out.marginal[to] = sums.marginal(row, samples) + slope;
      if (!out.given_z.empty()) out.given_z[to] = sums.given_z(row) + slope;
      for (std::int64_t d = 0; d < columns; ++d)
        out.columns[to * static_cast<std::size_t>(D) + static_cast<std::size_t>(d)] =
            sums.column(row, static_cast<std::size_t>(d));
    }
  });
}

}  // namespace

void log_likelihood(const ModelPrograms& programs, const Dataset& data, std::int64_t samples,
                    std::uint64_t seed, ThreadPool* pool, const RowLikelihoods& out,
                    bool by_holes) {
  check(samples >= 1 && samples <= 1000000, ErrorCode::invalid_argument, "samples",
        "expected 1 to 1,000,000 samples, got {}", samples);
  check(programs.vae().has_bound(), ErrorCode::unsupported, "likelihood",
        "expected a model with a prior and a bound, got one without; train a vae");
  if (!by_holes)
    return log_likelihood_of(programs, EncoderChoice::main, data, {}, samples, seed, pool, out);
  for_each_encoder(programs, data, [&](EncoderChoice encoder, const Dataset& rows, auto places) {
    log_likelihood_of(programs, encoder, rows, places, samples, seed, pool, out);
  });
}

double masked_loss(const ModelPrograms& programs, const Dataset& data, std::uint64_t seed,
                   ThreadPool* pool) {
  std::vector<double> loss(static_cast<std::size_t>(data.size()));
  for_each_block(programs, data, seed, pool, [&](std::int64_t first, auto net, auto keys) {
    programs.run(
        programs.masked_loss(), std::ssize(keys), {.seed = seed}, pool,
        [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, data.dimensions(), keys); },
        [&](RowProgram::Chunk& chunk) { take(chunk, "loss", first, loss); });
  });
  return mean_of(loss);
}

namespace {

// Terms of rows, a number a row, at the rows' places in the whole.
struct RowTerms {
  std::vector<double> log_px, kl, loss, error;
  std::vector<float> means, units;  // [N, Z]
  std::atomic<bool> has_units = false;
};

void evaluate_rows(const ModelPrograms& programs, EncoderChoice encoder, const Dataset& data,
                   std::span<const std::int64_t> places, const EvaluateOptions& options,
                   ThreadPool* pool, RowTerms& terms) {
  const ModelData& model = programs.model();
  const std::int64_t D = model.dimensions, Z = model.latent();
  for_each_block(programs, data, options.seed, pool, [&](std::int64_t first, auto net, auto keys) {
    const std::int64_t n = std::ssize(keys);
    programs.run(
        programs.terms(encoder), n, {.seed = options.seed}, pool,
        [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
        [&](RowProgram::Chunk& chunk) {
          const auto log_px = chunk.get<float>("log_px"), loss = chunk.get<float>("loss"),
                     kl = chunk.get<float>("kl"), mean = chunk.get<float>("mean"),
                     units = chunk.get<float>("kl_units");
          for (std::int64_t r = 0; r < chunk.rows; ++r) {
            const std::int64_t row = first + chunk.first + r;
            const std::size_t i = static_cast<std::size_t>(r), to = place(places, row);
            const double slope = log_slope(data, row);
            terms.log_px[to] = static_cast<double>(log_px[i]) + slope;
            terms.loss[to] = static_cast<double>(loss[i]) - slope;
            if (!kl.empty()) terms.kl[to] = static_cast<double>(kl[i]);
            const auto at = static_cast<std::ptrdiff_t>(to) * Z;
            std::copy_n(mean.begin() + r * Z, Z, terms.means.begin() + at);
            if (!units.empty()) std::copy_n(units.begin() + r * Z, Z, terms.units.begin() + at);
          }
          if (!units.empty()) terms.has_units = true;
        });
    if (options.reconstruct)
      programs.run(
          programs.reconstruct({}, encoder), n, {.seed = options.seed}, pool,
          [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
          [&](RowProgram::Chunk& chunk) {
            squared_errors(model, chunk, data, first, terms.error);
          });
  });
}

}  // namespace

Evaluation evaluate(const ModelPrograms& programs, const Dataset& data,
                    const EvaluateOptions& options, ThreadPool* pool) {
  const ModelData& model = programs.model();
  check(options.samples >= 1, ErrorCode::invalid_argument, "samples",
        "expected --samples of at least 1, got {}", options.samples);
  const auto N = static_cast<std::size_t>(data.size());
  const std::int64_t D = model.dimensions, Z = model.latent();
  const bool bound = programs.vae().has_bound();
  // Cells of a table have no common unit, and a missing value no error.
  EvaluateOptions one_unit = options;
  one_unit.reconstruct &= !programs.vae().has_missing();
  RowTerms terms;
  for (auto* values : {&terms.log_px, &terms.kl, &terms.loss, &terms.error}) values->resize(N);
  terms.means.resize(N * static_cast<std::size_t>(Z));
  if (bound) terms.units.resize(terms.means.size());
  const RowsIn in = check_rows(model, programs.vae(), data, pool);
  if (options.by_holes)
    for_each_encoder(programs, data, [&](EncoderChoice encoder, const Dataset& rows, auto places) {
      evaluate_rows(programs, encoder, rows, places, one_unit, pool, terms);
    });
  else
    evaluate_rows(programs, EncoderChoice::main, data, {}, one_unit, pool, terms);

  Evaluation result;
  result.rows = data.size();
  const std::vector<std::int64_t> observed = observed_cells(data);
  result.dimensions =
      static_cast<double>(std::accumulate(observed.begin(), observed.end(), std::int64_t{0})) /
      static_cast<double>(data.size());
  result.samples = options.samples;
  result.seed = options.seed;
  result.log_px = mean_of(terms.log_px);
  result.loss = mean_of(terms.loss);
  if (bound) {
    result.kl = mean_of(terms.kl);
    result.elbo = result.log_px - *result.kl;
  }
  if (one_unit.reconstruct) result.mse = mean_of(terms.error) / static_cast<double>(D);
  if (terms.has_units) result.kl_per_unit = column_means(terms.units, Z);
  result.active_units = count_active(terms.means, Z);
  if (bound && options.samples > 1) {
    std::vector<double> marginal(N);
    log_likelihood(programs, data, options.samples, options.seed, pool, {.marginal = marginal});
    const double mean = mean_of(marginal);
    double squares = 0;
    for (const double x : marginal) squares += (x - mean) * (x - mean);
    const double n = static_cast<double>(N);
    result.nll = -mean;
    if (N > 1) result.nll_standard_error = std::sqrt(squares / (n - 1) / n);
    const NllParts parts =
        split_nll(programs, data, *result.nll, options.samples, options.seed, pool, in.zero_one);
    result.nll_discrete = parts.discrete;
    result.nll_continuous = parts.continuous;
    if (parts.discrete && !parts.continuous)
      result.bits_per_dim = *result.nll / (result.dimensions * std::log(2.0));
  }
  return result;
}

}  // namespace diabolo
