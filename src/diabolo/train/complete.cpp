#include <diabolo/base/hash.h>
#include <diabolo/base/index.h>
#include <diabolo/base/random.h>
#include <diabolo/train/bound.h>
#include <diabolo/train/complete.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace diabolo {
namespace {

constexpr std::int64_t kCodes = 16;  // a row in one plan
constexpr double kScarce = 0.1;      // effective share of a row's codes: it is given more
constexpr std::int64_t kMore = 4;    // times as many in all

// Weighted sums of the rows of a block, their weights in units of the largest so far, and the codes
// that were drawn: each draw takes code k with probability w_k / sum w. No weight need be kept: a
// draw goes over to the code at which the sum of weights, S when it last did, first reaches S / u
// for a uniform u. That it has not yet at a later sum T then has probability S / T, as it must.
class Sums {
 public:
  Sums(std::int64_t rows, std::int64_t features, std::int64_t latent, std::int64_t draws)
      : F_(features),
        Z_(latent),
        M_(draws),
        top_(index(rows), kLowest),
        sum_(index(rows), 0),
        square_(index(rows), 0),
        mean_(index(rows * features), 0),
        log_total_(index(rows), kLowest),
        next_(index(rows * draws), kLowest),
        codes_(index(rows * draws * latent), 0) {}

  /// The codes of a chunk of rows, of which each has its place here and its key.
  void add(RowProgram::Chunk& chunk, std::span<const std::int64_t> places,
           std::span<const std::uint64_t> keys, std::int64_t first_code, std::uint64_t seed) {
    const auto top = chunk.get<float>("top"), mean = chunk.get<float>("mean"),
               log_w = chunk.get<float>("log_w"), z = chunk.get<float>("z");
    for (std::int64_t r = 0; r < chunk.rows; ++r) {
      const std::int64_t row = places[index(chunk.first + r)];
      // Summed here, one after another: a plan for one row may add in another order than for many.
      const double highest = static_cast<double>(top[index(r)]);
      double sum = 0, square = 0;
      for (std::int64_t k = 0; k < kCodes; ++k) {
        const double w =
            std::exp(static_cast<double>(log_w[index(k * chunk.capacity + r)]) - highest);
        sum += w;
        square += w * w;
      }
      merge(row, highest, sum, square, mean.subspan(index(r * F_), index(F_)));
      for (std::int64_t k = 0; k < kCodes && M_ > 0; ++k) {
        const auto at = k * chunk.capacity + r;
        draw(row, static_cast<double>(log_w[index(at)]), z.subspan(index(at * Z_), index(Z_)),
             {.seed = seed,
              .stream = Stream::complete,
              .row = keys[index(chunk.first + r)],
              .draw = static_cast<std::uint32_t>(first_code + k)});
      }
    }
  }

  void write_mean(std::int64_t row, std::span<float> out) const {
    for (std::int64_t f = 0; f < F_; ++f)
      out[index(f)] = static_cast<float>(mean_[index(row * F_ + f)] / sum_[index(row)]);
  }
  double effective(std::int64_t row) const {
    return sum_[index(row)] * sum_[index(row)] / square_[index(row)];
  }
  std::span<const float> codes() const { return codes_; }

 private:
  static constexpr double kLowest = -std::numeric_limits<double>::infinity();

  void merge(std::int64_t row, double top, double sum, double square, std::span<const float> mean) {
    if (!(top > kLowest)) return;
    const double highest = std::max(top_[index(row)], top);
    const double old = std::exp(top_[index(row)] - highest), now = std::exp(top - highest);
    top_[index(row)] = highest;
    sum_[index(row)] = sum_[index(row)] * old + sum * now;
    square_[index(row)] = square_[index(row)] * old * old + square * now * now;
    double* const to = mean_.data() + row * F_;
    for (std::size_t f = 0; f < mean.size(); ++f)
      to[f] = to[f] * old + static_cast<double>(mean[f]) * now;
  }

  void draw(std::int64_t row, double log_w, std::span<const float> z, const NoiseSite& site) {
    if (!(log_w > kLowest)) return;
    double& total = log_total_[index(row)];
    total = std::max(total, log_w) + std::log1p(std::exp(-std::abs(total - log_w)));
    std::optional<RandomStream> random;
    for (std::int64_t m = row * M_; m < (row + 1) * M_; ++m) {
      if (total < next_[index(m)]) continue;
      if (!random) random.emplace(site);
      next_[index(m)] = total - std::log(random->uniform());
      std::copy(z.begin(), z.end(), codes_.begin() + m * Z_);
    }
  }

  std::int64_t F_, Z_, M_;
  std::vector<double> top_, sum_, square_, mean_;
  std::vector<double> log_total_,
      next_;  // logarithms: of all weights, of the sum that a draw waits for
  std::vector<float> codes_;
};

// One row of p(x|z) for each code.
void decode_draws(const ModelPrograms& programs, std::span<const float> codes,
                  std::span<const std::uint64_t> keys, std::int64_t draws, std::uint64_t seed,
                  ThreadPool* pool, std::span<float> out) {
  const std::int64_t Z = programs.model().latent(), D = programs.model().dimensions;
  programs.run(
      programs.decode(true), std::ssize(keys) * draws, {.seed = seed}, pool,
      [&](RowProgram::Chunk& chunk) {
        std::copy_n(codes.begin() + chunk.first * Z, chunk.rows * Z, chunk.get<float>("z").begin());
        const auto to = chunk.get<std::uint64_t>("keys");
        for (std::int64_t r = 0; r < chunk.rows; ++r) {
          const std::uint64_t which = static_cast<std::uint64_t>((chunk.first + r) % draws);
          to[index(r)] = hash64(&which, sizeof which, keys[index((chunk.first + r) / draws)]);
        }
      },
      [&](RowProgram::Chunk& chunk) {
        std::copy_n(chunk.get<float>("net").begin(), chunk.rows * D, out.begin() + chunk.first * D);
      });
}

}  // namespace

Completed complete(const ModelPrograms& programs, const Dataset& data,
                   const CompleteOptions& options, ThreadPool* pool) {
  check(programs.vae().has_partial(), ErrorCode::unsupported, "complete",
        "expected a model with an encoder of partial rows, got one without; fit with --partial on");
  check(options.samples >= 1 && options.samples <= 1000000, ErrorCode::invalid_argument, "samples",
        "expected 1 to 1,000,000 samples, got {}", options.samples);
  const std::int64_t N = data.size(), D = data.dimensions(), M = options.draws;
  const std::int64_t Z = programs.model().latent();
  const RowProgram& program = programs.complete(kCodes);
  const std::int64_t blocks = (options.samples + kCodes - 1) / kCodes;
  Completed result;
  result.effective.resize(index(N));
  result.draws = Tensor(DType::f32, {N, M, D});
  for_each_block(
      programs, data, options.seed, pool, [&](std::int64_t first, auto net, auto hashes) {
        const std::int64_t n = std::ssize(hashes);
        std::vector<std::uint64_t> keys(hashes.begin(), hashes.end());
        if (options.keys_by_place)
          for (std::int64_t i = 0; i < n; ++i)
            keys[index(i)] = static_cast<std::uint64_t>(first + i);
        const std::int64_t F = programs.features();
        if (result.mean.size() == 0) result.mean = Tensor(DType::f32, {N, F});
        Sums sums(n, F, Z, M);
        const auto draw_codes = [&](std::span<const float> x, std::span<const std::uint64_t> k,
                                    std::span<const std::int64_t> places, std::int64_t begin,
                                    std::int64_t end) {
          for (std::int64_t b = begin; b < end; ++b)
            programs.run(
                program, std::ssize(k),
                {.seed = options.seed, .first_draw = static_cast<std::uint32_t>(b * kCodes)}, pool,
                [&](RowProgram::Chunk& chunk) { fill_chunk(chunk, x, D, k); },
                [&](RowProgram::Chunk& chunk) {
                  sums.add(chunk, places, k, b * kCodes, options.seed);
                });
        };
        std::vector<std::int64_t> places(index(n));
        std::iota(places.begin(), places.end(), 0);
        draw_codes(net, keys, places, 0, blocks);
        std::erase_if(places, [&](std::int64_t row) {
          return sums.effective(row) >= kScarce * static_cast<double>(blocks * kCodes);
        });
        std::vector<float> scarce;
        std::vector<std::uint64_t> scarce_keys;
        for (const std::int64_t row : places) {
          scarce.insert(scarce.end(), net.begin() + row * D, net.begin() + (row + 1) * D);
          scarce_keys.push_back(keys[index(row)]);
        }
        if (!places.empty()) draw_codes(scarce, scarce_keys, places, blocks, kMore * blocks);
        const auto mean = result.mean.as<float>();
        for (std::int64_t i = 0; i < n; ++i) {
          check(sums.effective(i) > 0, ErrorCode::not_finite, "complete",
                "expected rows of numbers that the model knows the size of, got row {} (from 0) of "
                "{}, which no code is likely for; leave it out, or fit with --scale auto",
                first + i, data.name);
          sums.write_mean(i, mean.subspan(index((first + i) * F), index(F)));
          result.effective[index(first + i)] = sums.effective(i);
        }
        if (M > 0)
          decode_draws(programs, sums.codes(), keys, M, options.seed, pool,
                       result.draws.as<float>().subspan(index(first * M * D)));
      });
  return result;
}

}  // namespace diabolo
