// A tile group as a step: a short program over tiles of at most kTile numbers, whose buffers stay
// in the first-level cache (the idea of numexpr). Bound by the arithmetic of its ops: a chain of
// twelve over [128, 784] takes 1.04 times as long as one loop written by hand (Zen 4, v4).
//
// Numbers that are the same for a whole tile are handed to the kernels as scalars; what is the same
// in every tile is made once, before the first.
#pragma once

#include <diabolo/kernels/level.h>
#include <diabolo/plan/fusion.h>
#include <diabolo/plan/step.h>

#include <map>

namespace diabolo::plan {

/// Builds the step of a tile group; for `place_of` and `stored` see tile_compiler.h.
std::unique_ptr<Step> make_tile_program(const Graph& graph, const Group& group,
                                        const std::map<int, Place>& place_of,
                                        const std::vector<bool>& stored, kernels::Level level);

}  // namespace diabolo::plan
