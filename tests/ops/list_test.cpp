// The list of ops drives everything: no op without a case, no case that misses its op.
#include <diabolo/ops/ops.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <ops/cases.h>

#include <set>

namespace diabolo {
namespace {

std::set<std::string> ops_of(const testing::OpCase& c) {
  Graph graph(DType::f64);
  std::vector<Var> inputs;
  for (std::size_t i = 0; i < c.shapes.size(); ++i)
    inputs.push_back(input(graph, fmt::format("x{}", i), DType::f64, c.shapes[i]));
  c.build(graph, inputs);
  std::set<std::string> names;
  for (int id = 0; id < graph.size(); ++id) names.emplace(graph.node(id).op->name());
  return names;
}

TEST(OpList, every_op_has_a_case) {
  std::set<std::string> tested;
  for (const auto& c : testing::op_cases()) tested.insert(c.op);
  for (const Op* op : ops::all_ops())
    EXPECT_TRUE(tested.contains(std::string(op->name()))) << op->name();
}

TEST(OpList, every_case_contains_its_op) {
  for (const auto& c : testing::op_cases()) EXPECT_TRUE(ops_of(c).contains(c.op)) << c.op;
}

TEST(OpList, names_are_different) {
  std::set<std::string_view> names;
  for (const Op* op : ops::all_ops()) EXPECT_TRUE(names.insert(op->name()).second) << op->name();
}

TEST(OpList, pointwise_ops_come_first_and_know_their_place) {
  const auto all = ops::all_ops();
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(ops::pointwise_index(*all[i]),
              all[i]->op_class() == OpClass::pointwise ? static_cast<int>(i) : -1)
        << all[i]->name();
}

}  // namespace
}  // namespace diabolo
