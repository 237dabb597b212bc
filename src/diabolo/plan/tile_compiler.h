// Writes the program of a tile group.
#pragma once

#include <diabolo/plan/fusion.h>
#include <diabolo/plan/tile_code.h>

#include <map>

namespace diabolo::plan {

/// `place_of` tells where a node's array lies in memory, for every array that the group reads from
/// outside or that outlives it (`stored`).
TileCode compile_tiles(const Graph& graph, const Group& group, const std::map<int, Place>& place_of,
                       const std::vector<bool>& stored);

/// Arrays that the group reads element by element in step with its own iteration, each with the
/// last node that does. If one dies here, a result made at or after that node may take its memory.
std::map<int, int> dense_reads(const Graph& graph, const Group& group);

}  // namespace diabolo::plan
