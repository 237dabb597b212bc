// Copies in bfloat16 of what the products of Precision::bf16 read. Parameters have theirs in a
// slot, "parameters_bf16"; an array's is made before the first product that reads it, and serves
// them all: an activation is read in the forward and in the backward pass.
#pragma once

#include <diabolo/plan/fusion.h>
#include <diabolo/plan/plan.h>

#include <map>

namespace diabolo::plan {

/// Groups that read the copy, the first and the last, by their places in the order.
struct Readers {
  int first = 0, last = 0;
};

/// The values that products read in bfloat16, by node.
std::map<int, Readers> values_to_round(const Graph& graph, const std::vector<Group>& groups,
                                       const PlanOptions& options);

/// Rounds `count` numbers from one place to another.
std::unique_ptr<Step> make_rounding_step(Place from, Place to, std::int64_t count,
                                         kernels::Level level);

}  // namespace diabolo::plan
