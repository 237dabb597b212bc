// Missing values filled in, given the others of the row.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/train/complete.h>

namespace diabolo {

struct ImputeOptions {
  std::int64_t samples = 1000;  ///< codes a row that the means are taken over
  std::int64_t draws = 0;       ///< completed copies of each row (multiple imputation)
  bool uncertainty = false;     ///< also how sure each value is
  std::uint64_t seed = 0;
};

/// Values are f64, in the data's own units; of text the place of the level in the schema.
struct Imputation {
  Tensor
      values;    ///< [N, D] as they were; missing ones: the mean of numbers, the likeliest category
  Tensor draws;  ///< [N, draws, D] as they were; missing ones drawn, given all others of the row
  /// [N, D] of filled values: the standard deviation of a number, the probability that a category
  /// is another one; 0 where a value was there. Or empty.
  Tensor uncertainty;
  /// [N] effective sample size of the codes; few mean that the row is unlike any that was learned.
  std::vector<double> effective;
};

/// Throws `unsupported` for a model without an encoder of partial rows.
Imputation impute(const ModelPrograms& programs, const Dataset& data, const ImputeOptions& options,
                  ThreadPool* pool);

}  // namespace diabolo
