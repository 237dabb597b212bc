// A tile group as a step: a short program over tiles of at most kTile numbers, whose buffers stay
// in the first-level cache (the idea of numexpr). The iteration is a matrix [R, C]; a tile is a few
// whole rows, or a piece of one row.
//
// Values live in tile buffers, or directly in memory when they are stored or read as they lie.
// Numbers that are the same for a whole tile are handed to the kernels as scalars; what is the same
// in every tile is made once, before the first.
#pragma once

#include <diabolo/plan/fusion.h>
#include <diabolo/plan/step.h>

#include <map>

namespace diabolo::plan {

/// Builds the step of a tile group. `place_of` tells where a node's array lies in memory, for every
/// array that the group reads from outside or that outlives it (`stored`).
std::unique_ptr<Step> make_tile_program(const Graph& graph, const Group& group,
                                        const std::map<int, Place>& place_of,
                                        const std::vector<bool>& stored, kernels::Level level);

/// Arrays that the group reads element by element in step with its own iteration, each with the
/// last node that does. If one dies here, a result made at or after that node may take its memory.
std::map<int, int> dense_reads(const Graph& graph, const Group& group);

/// The dimension at which the group's iteration is cut into rows and columns.
int split_of(const Graph& graph, const Group& group);

}  // namespace diabolo::plan
