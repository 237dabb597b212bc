// A mixture of normals with full covariances as a prior, fitted to the codes after training (by
// expectation-maximisation; Dempster, Laird & Rubin, 1977). What an autoencoder without a prior is
// sampled from, and what closes the gap between a prior and the codes that data really take. Until
// it is fitted it is the standard normal, which a model with a bound is trained with.
#pragma once

#include <diabolo/prob/prior.h>

namespace diabolo {

ComponentInfo<Prior> mixture_prior();

/// A fitted mixture of C normals in Z dimensions, row-major.
struct Mixture {
  std::int64_t components = 0, dimensions = 0;
  std::vector<double> log_weight;  // [C]
  std::vector<double> mean;        // [C, Z]
  std::vector<double> cholesky;    // [C, Z, Z], lower: covariance = L L^T
  std::vector<double> log_det;     // [C], of L
};

/// EM on codes [N, Z], from k-means++ centres (Arthur & Vassilvitskii, 2007), at most 50,000 of
/// them drawn by `seed`. Fewer components than asked for if there are fewer than ten codes for
/// each. Ends after the iteration in which `should_stop` (if given) says so. The same bits for any
/// number of threads of `pool`, or none.
Mixture fit_mixture(std::span<const float> codes, std::int64_t dimensions, std::int64_t components,
                    std::uint64_t seed, const std::function<bool()>& should_stop = {},
                    ThreadPool* pool = nullptr);

/// As fit_mixture, with `most` components or half as many, a quarter, ...: fewer as long as codes
/// that were held out, one in ten, are clearly denser so. The last is then fitted to all codes.
Mixture choose_mixture(std::span<const float> codes, std::int64_t dimensions, std::int64_t most,
                       std::uint64_t seed, const std::function<bool()>& should_stop = {},
                       ThreadPool* pool = nullptr);

/// log p(z) of one code [Z].
double log_prob(const Mixture& mixture, std::span<const double> z);

}  // namespace diabolo
