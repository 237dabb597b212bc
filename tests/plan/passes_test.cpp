// Each pass alone: what it merges, folds and removes, and what it must leave.
#include <diabolo/ops/ops.h>
#include <diabolo/plan/fusion.h>
#include <diabolo/plan/memory.h>
#include <diabolo/plan/rewrite.h>
#include <gtest/gtest.h>
#include <plan/evaluate.h>

#include <cmath>
#include <limits>

namespace diabolo::plan {
namespace {

class Passes : public ::testing::Test {
 protected:
  std::shared_ptr<Graph> g = std::make_shared<Graph>();
  Var x = input(*g, "x", DType::f32, {4, 3});
  Var keys = input(*g, "keys", DType::u64, {4});
  Var row = input(*g, "row", DType::f32, {3});

  Program program(std::vector<Var> outputs) { return {g, std::move(outputs)}; }
  int count(const Program& p, const Op& op) {
    int n = 0;
    for (int id = 0; id < p.graph->size(); ++id) n += p.graph->node(id).op == &op;
    return n;
  }
  // What a pass left unused is dropped by the next.
  Program simplified(Var y) { return rewrite(simplify(program({y})), copy); }
  std::vector<Group> groups(std::vector<Var> outputs, bool fuse = true) {
    return make_groups(rewrite(program(std::move(outputs)), copy), fuse);
  }
  std::string_view last(const Program& p) { return p.outputs[0].node().op->name(); }
};

TEST_F(Passes, common_subexpressions_merge_equal_nodes) {
  const Program p = common_subexpressions(program({exp(x) + exp(x), exp(x)}));
  EXPECT_EQ(count(p, ops::op<ops::Exp>()), 1);
  EXPECT_EQ(p.outputs.size(), 2u);
}

TEST_F(Passes, common_subexpressions_tell_attributes_apart) {
  const Program p = common_subexpressions(
      program({sum(x, {0}), sum(x, {1}), slice(x, 1, 0, 2), slice(x, 1, 1, 2)}));
  EXPECT_EQ(count(p, ops::op<ops::Sum>()), 2);
  EXPECT_EQ(count(p, ops::op<ops::Slice>()), 2);
}

TEST_F(Passes, common_subexpressions_never_merge_noise) {
  const auto noise = [&] { return normal_noise(keys, {4, 3}, Stream::train, "n"); };
  const Program p = common_subexpressions(program({noise() + noise(), noise()}));
  EXPECT_EQ(count(p, ops::op<ops::Noise>()), 3);
}

TEST_F(Passes, common_subexpressions_compare_constants_by_bits) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Program p = common_subexpressions(
      program({constant(*g, 0.0), constant(*g, -0.0), constant(*g, nan), constant(*g, nan)}));
  EXPECT_EQ(count(p, ops::op<ops::Constant>()), 3);
}

TEST_F(Passes, dead_nodes_are_left_behind) {
  exp(x);
  EXPECT_EQ(rewrite(program({x}), copy).graph->size(), 1);
}

TEST_F(Passes, constants_fold_in_the_precision_of_the_graph) {
  const Program p = fold_constants(program({exp(constant(*g, 1) + constant(*g, 0.1))}));
  EXPECT_EQ(last(p), "constant");
  EXPECT_EQ(p.outputs[0].node().attributes.reals[0], static_cast<double>(math::exp(1.0f + 0.1f)));
  EXPECT_EQ(last(fold_constants(program({x * constant(*g, 2)}))), "mul");
}

TEST_F(Passes, neutral_elements_disappear) {
  for (const Var y : {x * 1.0, 1.0 * x, x + 0.0, 0.0 + x, x - 0.0, x / 1.0, -(-x), stop_gradient(x),
                      x * full(*g, {4, 3}, 1), transpose(transpose(x, {1, 0}), {1, 0})})
    EXPECT_EQ(last(simplify(program({y}))), "input");
}

TEST_F(Passes, neutral_elements_that_stretch_the_shape_stay) {
  const Program p = simplify(program({row * full(*g, {4, 3}, 1)}));
  EXPECT_EQ(p.outputs[0].shape(), (Shape{4, 3}));
  EXPECT_EQ(last(p), "mul");
}

TEST_F(Passes, what_only_looks_neutral_stays) {
  EXPECT_EQ(last(simplify(program({0.0 - x}))), "sub");
  EXPECT_EQ(last(simplify(program({1.0 / x}))), "div");
  EXPECT_EQ(last(simplify(program({x * 0.0}))), "mul");  // NaN * 0 is NaN
}

TEST_F(Passes, factors_merge_unless_they_would_overflow) {
  const auto factor = [&](double a, double b) {
    const Program p = simplify(program({x * a * b}));
    return p.outputs[0].graph().node(p.outputs[0].node().inputs[1]).attributes.reals[0];
  };
  EXPECT_EQ(factor(2, 3), 6);
  EXPECT_EQ(factor(1e30, 1e30), 1e30);
  EXPECT_EQ(factor(1e-30, 1e-30), 1e-30);
  EXPECT_EQ(factor(1e30, 1e-30), 1e30 * 1e-30);
}

TEST_F(Passes, gradients_of_slices_are_laid_together) {
  const auto placed = [&](Var part, std::int64_t before, std::int64_t after) {
    std::vector<Var> parts;
    if (before > 0) parts.push_back(full(*g, {4, before}, 0));
    parts.push_back(part);
    if (after > 0) parts.push_back(full(*g, {4, after}, 0));
    return concat(parts, 1);
  };
  const Var y = input(*g, "y", DType::f32, {4, 2}), z = input(*g, "z", DType::f32, {4, 1});
  const Program p = simplified(placed(z, 6, 0) + placed(x, 0, 4) + placed(y, 3, 2));
  ASSERT_EQ(last(p), "concat");
  EXPECT_EQ(count(p, ops::op<ops::Add>()), 0);
  const auto& inputs = p.outputs[0].node().inputs;
  ASSERT_EQ(inputs.size(), 4u);  // x, y, one column of zeros, z
  EXPECT_EQ(p.graph->node(inputs[0]).shape, (Shape{4, 3}));
  EXPECT_EQ(p.graph->node(inputs[1]).shape, (Shape{4, 2}));
  EXPECT_TRUE(is_splat(p.graph->node(inputs[2])));
  EXPECT_EQ(p.graph->node(inputs[3]).shape, (Shape{4, 1}));
}

TEST_F(Passes, concatenations_that_overlap_or_lie_along_other_axes_stay) {
  const Var zeros = full(*g, {4, 3}, 0), more = full(*g, {4, 2}, 0);
  for (const Var y : {concat({{x, zeros}}, 1) + concat({{more, exp(x), full(*g, {4, 1}, 0)}}, 1),
                      concat({{x, zeros}}, 0) + concat({{zeros, exp(x)}}, 0) * row,
                      concat({{x, full(*g, {4, 3}, 1)}}, 1) + concat({{zeros, x}}, 1)})
    EXPECT_EQ(last(simplified(y)), "add");
}

TEST_F(Passes, implied_broadcasts_disappear) {
  const Program p = simplified(x + broadcast_to(row, {4, 3}));
  EXPECT_EQ(count(p, ops::op<ops::BroadcastTo>()), 0);
  const Program q = simplify(program({row + broadcast_to(row, {4, 3})}));
  EXPECT_EQ(q.outputs[0].shape(), (Shape{4, 3}));
}

TEST_F(Passes, products_read_transposes_as_they_lie) {
  const Program p = simplified(matmul(transpose(x, {1, 0}), x));
  EXPECT_EQ(count(p, ops::op<ops::Transpose>()), 0);
  EXPECT_EQ(p.outputs[0].node().attributes.ints, (std::vector<std::int64_t>{1, 0}));
}

TEST_F(Passes, reductions_of_nothing_are_reshapes_or_constants) {
  EXPECT_EQ(last(simplify(program({sum(reshape(x, {4, 1, 3}), {1})}))), "input");
  const Var none = input(*g, "none", DType::f32, {0, 3});
  EXPECT_EQ(last(simplify(program({sum(none, {0})}))), "constant");
}

TEST_F(Passes, fusion_makes_one_group_of_a_chain_that_ends_in_a_sum) {
  const Var y = sum(tanh(x * row + 1.0), {1});
  EXPECT_EQ(groups({y}).size(), 1u);
  EXPECT_EQ(groups({y}, false).size(), 4u);
}

TEST_F(Passes, fusion_takes_bias_and_relu_into_the_product) {
  const Var w = parameter(*g, "w", {3, 5}, 0), b = parameter(*g, "b", {5}, 15);
  const auto found = groups({relu(matmul(x, w) + b)});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].nodes.size(), 3u);
}

TEST_F(Passes, fusion_leaves_a_product_that_others_read) {
  const Var w = parameter(*g, "w", {3, 5}, 0), b = parameter(*g, "b", {5}, 15);
  const Var y = matmul(x, w);
  EXPECT_EQ(groups({relu(y + b), y})[0].nodes.size(), 1u);
  EXPECT_EQ(groups({relu(y + b), exp(y)})[0].nodes.size(), 1u);
}

// What follows a product in the backward pass of relu: h > 0 lets the gradient through.
class Epilogues : public Passes {
 protected:
  Var w = parameter(*g, "w", {3, 5}, 0), v = parameter(*g, "v", {3, 5}, 15);
  Var h = input(*g, "h", DType::f32, {4, 5});
  Var gated(Var y) { return select(less(constant(*g, 0), h), y, constant(*g, 0)); }
};

TEST_F(Epilogues, fusion_takes_a_gate_and_sums_of_columns_into_the_product) {
  const Var y = gated(matmul(x, w));
  const auto found = groups({y, sum(y, {0})});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, Group::product);
  EXPECT_GE(found[0].epilogue.gate, 0);
  EXPECT_GE(found[0].epilogue.sums, 0);
}

TEST_F(Epilogues, fusion_adds_a_product_to_one_that_ends_there) {
  const auto found = groups({exp(gated(matmul(x, w) + matmul(x, v)))});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_GE(found[1].epilogue.old, 0);
  EXPECT_GE(found[1].epilogue.gate, 0);
  EXPECT_EQ(found[2].kind, Group::tile);
}

TEST_F(Epilogues, fusion_leaves_sums_of_products_that_others_read_or_that_are_outputs) {
  const Var a = matmul(x, w), b = matmul(x, v);
  for (const auto& outputs : {std::vector<Var>{a + b}, std::vector<Var>{exp(a + b), exp(a)},
                              std::vector<Var>{exp(a + b), a}, std::vector<Var>{exp(a + a)}})
    for (const Group& group : groups(outputs)) EXPECT_EQ(group.epilogue.old, -1);
}

// The last of what follows would be written over the old value: it stays a step of its own.
TEST_F(Epilogues, fusion_writes_no_output_over_another_product) {
  const Var both = matmul(x, w) + matmul(x, v), b = parameter(*g, "b", {5}, 30);
  const auto second = [&](Var output) { return groups({output})[1].epilogue; };
  EXPECT_EQ(second(both).old, -1);
  EXPECT_EQ(second(gated(both)).gate, -1);
  EXPECT_EQ(second(both + b).bias, -1);
  EXPECT_FALSE(second(relu(both)).relu);
  EXPECT_FALSE(second(relu(both + b)).relu);
}

TEST_F(Epilogues, fusion_leaves_sums_that_stretch_a_product) {
  const Var one = matmul(input(*g, "one", DType::f32, {1, 3}), v), all = matmul(x, w);
  for (const Var y : {one + all, all + one})
    for (const Group& group : groups({exp(y)})) EXPECT_EQ(group.epilogue.old, -1);
  const Var column = matmul(x, parameter(*g, "c", {3, 1}, 31));
  for (const Group& group : groups({exp(column + parameter(*g, "d", {5}, 34))}))
    EXPECT_EQ(group.epilogue.bias, -1);
}

TEST_F(Epilogues, fusion_leaves_gates_that_others_read_and_other_conditions) {
  const Var y = matmul(x, w), zero = constant(*g, 0);
  const Var open = less(zero, h);
  for (const auto& outputs :
       {std::vector<Var>{select(open, y, zero), exp(open)}, std::vector<Var>{gated(y), exp(y)},
        std::vector<Var>{select(less(h, zero), y, zero)},
        std::vector<Var>{select(less(constant(*g, 1), h), y, zero)},
        std::vector<Var>{select(less(zero, h), y, constant(*g, 1))},
        std::vector<Var>{select(less(zero, h), zero, y)}})
    for (const Group& group : groups(outputs)) EXPECT_EQ(group.epilogue.gate, -1);
}

TEST(Memory, arrays_that_live_together_do_not_overlap) {
  std::vector<Lifetime> arrays = {{.bytes = 100, .first = 0, .last = 2},
                                  {.bytes = 300, .first = 1, .last = 1},
                                  {.bytes = 64, .first = 2, .last = 5},
                                  {.bytes = 0, .first = 0, .last = 5},
                                  {.bytes = 500, .first = 3, .last = 4}};
  std::vector<Lifetime*> all;
  for (Lifetime& a : arrays) all.push_back(&a);
  const std::int64_t total = place_in_arena(all);
  for (const Lifetime& a : arrays) {
    EXPECT_EQ(a.offset % 64, 0);
    EXPECT_LE(a.offset + a.bytes, total);
    for (const Lifetime& b : arrays) {
      const bool together = a.first <= b.last && b.first <= a.last;
      const bool apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
      EXPECT_TRUE(&a == &b || a.bytes == 0 || b.bytes == 0 || !together || apart);
    }
  }
  EXPECT_LT(total, 100 + 300 + 64 + 500);
}

}  // namespace
}  // namespace diabolo::plan
