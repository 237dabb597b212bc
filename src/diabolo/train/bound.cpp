#include <diabolo/train/bound.h>
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

void log_likelihood(const ModelPrograms& programs, const Dataset& data, std::int64_t samples,
                    std::uint64_t seed, ThreadPool* pool, std::span<double> log_px_marginal,
                    std::span<double> log_px_given_z) {
  check(samples >= 1 && samples <= 1000000, ErrorCode::invalid_argument, "samples",
        "expected 1 to 1,000,000 samples, got {}", samples);
  check(programs.vae().has_bound(), ErrorCode::unsupported, "likelihood",
        "expected a model with a prior and a bound, got one without; train a vae");
  const std::int64_t D = data.dimensions();
  for_each_block(programs, data, seed, pool, [&](std::int64_t first, auto net, auto keys) {
    // Running log sum exp of the weights, and the weighted sum of log_px beside it.
    const auto n = static_cast<std::int64_t>(keys.size());
    thread_local std::vector<double> memory;
    memory.assign(3 * keys.size(), 0);
    const std::span<double> top(memory.data(), keys.size());
    const std::span<double> sum(top.end(), keys.size()), weighted(sum.end(), keys.size());
    std::fill(top.begin(), top.end(), -std::numeric_limits<double>::infinity());
    for (std::int64_t done = 0; done < samples; done += kDraws) {
      const std::int64_t draws = std::min(kDraws, samples - done);
      programs.run(
          programs.weights(draws), n,
          {.seed = seed, .pass = 0, .first_draw = static_cast<std::uint32_t>(done)}, pool,
          [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
          [&](RowProgram::Chunk& chunk) {
            const auto log_w = chunk.get<float>("log_w"), log_px = chunk.get<float>("log_px");
            for (std::int64_t k = 0; k < draws; ++k)
              for (std::int64_t r = 0; r < chunk.rows; ++r) {
                const auto at = static_cast<std::size_t>(k * chunk.capacity + r);
                const auto row = static_cast<std::size_t>(chunk.first + r);
                const double w = static_cast<double>(log_w[at]);
                // A draw beyond the range of numbers has no weight; a row of such is infinitely
                // odd.
                if (!(w > -std::numeric_limits<double>::infinity())) continue;
                if (w > top[row]) {
                  const double shrink = std::exp(top[row] - w);
                  sum[row] *= shrink;
                  weighted[row] *= shrink;
                  top[row] = w;
                }
                const double share = std::exp(w - top[row]);
                sum[row] += share;
                weighted[row] += share * static_cast<double>(log_px[at]);
              }
          });
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto row = static_cast<std::size_t>(first) + i;
      log_px_marginal[row] = top[i] + std::log(sum[i] / static_cast<double>(samples));
      if (!log_px_given_z.empty()) log_px_given_z[row] = sum[i] > 0 ? weighted[i] / sum[i] : top[i];
    }
  });
}

Evaluation evaluate(const ModelPrograms& programs, const Dataset& data,
                    const EvaluateOptions& options, ThreadPool* pool) {
  const ModelData& model = programs.model();
  check(options.samples >= 1, ErrorCode::invalid_argument, "samples",
        "expected --samples of at least 1, got {}", options.samples);
  const auto N = static_cast<std::size_t>(data.size());
  const std::int64_t D = model.dimensions, Z = model.latent();
  const bool bound = programs.vae().has_bound();
  std::vector<double> log_px(N), kl(N), loss(N), error(N);
  const std::size_t NZ = N * static_cast<std::size_t>(Z);
  std::vector<float> means(NZ), units(bound ? NZ : 0);
  std::atomic<bool> has_units = false;

  const RowsIn in = for_each_block(
      programs, data, options.seed, pool, [&](std::int64_t first, auto net, auto keys) {
        const auto n = static_cast<std::int64_t>(keys.size());
        programs.run(
            programs.terms(), n, {.seed = options.seed}, pool,
            [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
            [&](RowProgram::Chunk& chunk) {
              take(chunk, "log_px", first, log_px);
              take(chunk, "loss", first, loss);
              if (bound) take(chunk, "kl", first, kl);
              const std::int64_t at = (first + chunk.first) * Z;
              std::copy_n(chunk.get<float>("mean").begin(), chunk.rows * Z, means.begin() + at);
              if (!chunk.find("kl_units")) return;
              has_units = true;
              std::copy_n(chunk.get<float>("kl_units").begin(), chunk.rows * Z, units.begin() + at);
            });
        if (options.reconstruct)
          programs.run(
              programs.reconstruct(), n, {.seed = options.seed}, pool,
              [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, net, D, keys); },
              [&](RowProgram::Chunk& chunk) { squared_errors(model, chunk, data, first, error); });
      });

  Evaluation result;
  result.rows = data.size();
  result.dimensions = D;
  result.samples = options.samples;
  result.seed = options.seed;
  result.log_px = mean_of(log_px);
  result.loss = mean_of(loss);
  if (bound) {
    result.kl = mean_of(kl);
    result.elbo = result.log_px - *result.kl;
  }
  if (options.reconstruct) result.mse = mean_of(error) / static_cast<double>(D);
  if (has_units) result.kl_per_unit = column_means(units, Z);
  result.active_units = count_active(means, Z);
  if (bound && options.samples > 1) {
    std::vector<double> marginal(N);
    log_likelihood(programs, data, options.samples, options.seed, pool, marginal, {});
    const double mean = mean_of(marginal);
    double squares = 0;
    for (const double x : marginal) squares += (x - mean) * (x - mean);
    const double n = static_cast<double>(N);
    result.nll = -mean;
    if (N > 1) result.nll_standard_error = std::sqrt(squares / (n - 1) / n);
    if (programs.vae().likelihood().is_mass() && in.zero_one)
      result.bits_per_dim = *result.nll / (static_cast<double>(D) * std::log(2.0));
  }
  return result;
}

}  // namespace diabolo
