// What a likelihood of rows is a number of: a mass of cells that have one (categories, whole
// numbers, fixed decimals, bins of one value), a density of the others. Only masses are bits.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/models/programs.h>

#include <optional>

namespace diabolo {

/// Means over rows of -log p(x), which are to be told apart: p(x) = p(masses) p(densities |
/// masses).
struct NllParts {
  std::optional<double> discrete;    ///< -log of the mass; empty without such columns
  std::optional<double> continuous;  ///< of the density, given them; empty without such columns
};

/// The parts of `nll`, which `samples` draws gave. `zero_one`: an array is of zeros and ones alone.
/// Of a table of both kinds it takes as many draws again, for the rows without their densities.
NllParts split_nll(const ModelPrograms& programs, const Dataset& data, double nll,
                   std::int64_t samples, std::uint64_t seed, ThreadPool* pool, bool zero_one);

/// Cells of each row that are not missing.
std::vector<std::int64_t> observed_cells(const Dataset& data);

}  // namespace diabolo
