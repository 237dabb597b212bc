// The one reverse pass. Gradients are appended to the same graph as ordinary nodes, so gradients
// of gradients need nothing else.
#pragma once

#include <diabolo/graph/graph.h>

namespace diabolo {

/// The two ops that the pass itself needs; the ops layer hands them in (see ops::gradients).
struct ReverseOps {
  Var (*add)(Var, Var);
  Var (*ones_like)(Var);
};

/// d sum(y) / d x for each x in `xs`, each of the shape of x. Empty where y does not depend on x.
std::vector<Var> reverse(Var y, std::span<const Var> xs, const ReverseOps& ops);

}  // namespace diabolo
