// Why a row scores as it does: what each of its columns adds.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/models/model_data.h>

#include <span>
#include <string>
#include <vector>

namespace diabolo {

/// What the columns of rows add to -log_px, [N, D]; a missing cell adds nothing.
struct Explanation {
  std::vector<double> why;  ///< in nats of the data's own scale; adds up to -log_px
  std::vector<double>
      excess;  ///< beyond what the column adds on average in held-out rows; or empty
};

/// From log p of cells by column (RowLikelihoods::columns, train/bound.h).
Explanation explain(const ModelData& model, const Vae& vae, const Dataset& data,
                    std::vector<double> log_px);

/// The columns that add most in excess, at most three: "age (+3.1), income (+0.8)"; empty if none
/// adds more than on average. `excess` is of one row, a number for each of `names`.
std::string reasons(std::span<const double> excess, std::span<const std::string> names);

}  // namespace diabolo
