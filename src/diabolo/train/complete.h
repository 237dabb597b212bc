// What a model says of the missing values of rows, given the others: codes are drawn by the partial
// encoder and weighted by importance, w = p(observed, z) / q(z | observed) (Mattei & Frellsen,
// 2019, MIWAE), so that means and draws are right however rough that encoder is. A row in which few
// of the codes have nearly all the weight is given more.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/models/programs.h>

namespace diabolo {

struct CompleteOptions {
  std::int64_t samples =
      1000;                ///< codes a row; four times as many if a tenth of them or less count
  std::int64_t draws = 0;  ///< completed rows a row, drawn from them
  std::uint64_t seed = 0;
  bool keys_by_place = false;  ///< noise depends on a row's place, so that equal rows differ
};

struct Completed {
  Tensor mean;                    ///< [N, F] what Vae::decode gives, its mean given the observed
  Tensor draws;                   ///< [N, draws, D] of all values, in network units
  std::vector<double> effective;  ///< [N] effective sample size, (sum w)^2 / sum w^2
};

/// Throws `unsupported` for a model without a partial encoder, and as check_rows.
Completed complete(const ModelPrograms& programs, const Dataset& data,
                   const CompleteOptions& options, ThreadPool* pool);

}  // namespace diabolo
