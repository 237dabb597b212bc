// Do the rows of a batch stay apart? A graph whose outputs are per row, or sums over rows, may run
// slice by slice and its sums be added; any other must see the whole batch at once.
#pragma once

#include <diabolo/graph/op.h>

namespace diabolo {

/// Row behaviour of every node. Nodes of op `input` marked as batched have their rows on axis 0.
std::vector<Rows> row_analysis(const Graph& graph);

/// True if no output is `mixed`.
bool keeps_rows_apart(const Graph& graph, std::span<const Var> outputs);

}  // namespace diabolo
