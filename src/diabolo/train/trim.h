// Robust training: rows that a model finds least likely are left out of what is left of its
// training (a trimmed likelihood; Hadi & Luceno, 1997), so that it does not learn anomalies by
// heart.
#pragma once

#include <diabolo/base/parallel.h>
#include <diabolo/data/dataset.h>
#include <diabolo/models/programs.h>

#include <cstdint>
#include <span>
#include <vector>

namespace diabolo {

/// `rows` of `data` in their order, but for a share of them, rounded down: those of the least
/// log p(x) for each observed cell. `share` in [0, 1). `pool` may be null. Throws `unsupported` for
/// a model without a bound.
std::vector<std::int64_t> likely_rows(const ModelPrograms& programs, const Dataset& data,
                                      std::span<const std::int64_t> rows, double share,
                                      std::uint64_t seed, ThreadPool* pool);

}  // namespace diabolo
