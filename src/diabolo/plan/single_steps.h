// Steps for ops that run alone: products with their epilogue, copies that move values around,
// general reductions, gather and scatter.
#pragma once

#include <diabolo/kernels/level.h>
#include <diabolo/kernels/product.h>
#include <diabolo/plan/fusion.h>
#include <diabolo/plan/plan.h>

#include <map>

namespace diabolo::plan {

/// What a product group computes.
kernels::ProductSpec product_spec(const Graph& graph, const Group& group,
                                  const PlanOptions& options);

/// A product and its epilogue by the kernel that the fixed rule chooses. A bf16 product reads A and
/// B from `rounded`.
std::unique_ptr<Step> make_product_step(const Graph& graph, const Group& group,
                                        const std::map<int, Place>& place_of,
                                        const std::map<int, Place>& rounded,
                                        const PlanOptions& options);

/// Any other op, alone. Throws `unsupported` for one without a kernel.
std::unique_ptr<Step> make_single_step(const Graph& graph, int id,
                                       const std::map<int, Place>& place_of);

}  // namespace diabolo::plan
