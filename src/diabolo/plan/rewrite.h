// What passes work on and how: a program is a graph and what is wanted of it; a pass takes one and
// gives another. `rewrite` walks the nodes that matter and lets a rule put another in their place.
#pragma once

#include <diabolo/graph/graph.h>

#include <functional>
#include <memory>

namespace diabolo::plan {

struct Program {
  std::shared_ptr<Graph> graph;
  std::vector<Var> outputs;
};

/// A rule: given a node and its inputs in the new graph, the Var that replaces it. `copy` does
/// nothing but repeat the node.
using Rule = std::function<Var(Graph& graph, const Node& node, std::span<const Var> inputs)>;
Var copy(Graph& graph, const Node& node, std::span<const Var> inputs);

/// A new program in which every node that the outputs need went through `rule`, in order. Nodes
/// that no output needs are left behind.
Program rewrite(const Program& program, const Rule& rule);

/// True if the node is a constant with one value everywhere, which is stored in `value`.
bool is_splat(const Node& node, double* value = nullptr);

// The passes, each in a file of its own.

/// Merges nodes that compute the same from the same; noise nodes are never the same.
Program common_subexpressions(const Program& program);
/// Computes pointwise nodes of constants, in the graph's own precision.
Program fold_constants(const Program& program);
/// Removes what does nothing: x * 1, x + 0, broadcasts that are implied, double transposes, ...
Program simplify(const Program& program);

}  // namespace diabolo::plan
