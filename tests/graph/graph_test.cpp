// The graph itself, with an op of the test's own: nodes stay where they are, noise columns never
// meet, and the reverse pass visits what lies between y and x, once.
#include <diabolo/base/error.h>
#include <diabolo/base/random.h>
#include <diabolo/graph/op.h>
#include <diabolo/graph/reverse.h>
#include <diabolo/graph/rows.h>
#include <gtest/gtest.h>

namespace diabolo {
namespace {

struct Leaf final : Op {
  std::string_view name() const override { return "leaf"; }
  OpClass op_class() const override { return OpClass::source; }
  Signature infer(const Graph& g, std::span<const Var>, const Attributes&) const override {
    return {g.real(), Shape{2}};
  }
};

struct Plus final : Op {
  std::string_view name() const override { return "plus"; }
  OpClass op_class() const override { return OpClass::pointwise; }
  Signature infer(const Graph& g, std::span<const Var> in, const Attributes&) const override {
    return {g.real(), in[0].shape()};
  }
  std::vector<Var> gradient(std::span<const Var>, Var, Var dy) const override {
    ++visits;
    return {dy, dy};
  }
  static inline int visits = 0;
};

const Leaf leaf;
const Plus plus;

Var make_leaf(Graph& g) { return g.add(leaf, {}); }
Var add(Var a, Var b) {
  const Var in[] = {a, b};
  return a.graph().add(plus, in);
}
const ReverseOps kOps{add, [](Var v) { return make_leaf(v.graph()); }};

TEST(Graph, nodes_stay_in_place_while_it_grows) {
  Graph g;
  const Var x = make_leaf(g);
  const Node* before = &x.node();
  for (int i = 0; i < 10000; ++i) make_leaf(g);
  EXPECT_EQ(before, &x.node());
  EXPECT_EQ(g.size(), 10001);
}

TEST(Graph, noise_columns_begin_at_fresh_blocks_of_four_for_each_stream) {
  Graph g;
  EXPECT_EQ(g.reserve_noise_columns(3, 5), 0);
  EXPECT_EQ(g.reserve_noise_columns(3, 1), 8);
  EXPECT_EQ(g.reserve_noise_columns(4, 1), 0);
  EXPECT_EQ(g.reserve_noise_columns(3, 4), 12);
  EXPECT_THROW(g.reserve_noise_columns(3, kMaxNoiseColumns), Error);
}

TEST(Reverse, visits_each_node_between_y_and_x_once) {
  Graph g;
  const Var x = make_leaf(g), other = make_leaf(g);
  Var y = add(x, other);
  const Var beside = add(other, other);  // leads to y, but not from x
  for (int i = 0; i < 20; ++i) y = add(y, y);
  y = add(y, beside);
  Plus::visits = 0;
  const auto slopes = reverse(y, std::span(&x, 1), kOps);
  EXPECT_EQ(Plus::visits, 22);
  EXPECT_EQ(slopes[0].shape(), x.shape());
}

TEST(Reverse, is_empty_where_y_does_not_depend_on_x) {
  Graph g;
  const Var x = make_leaf(g), y = add(make_leaf(g), make_leaf(g)), later = make_leaf(g);
  const Var xs[] = {x, later};
  const auto slopes = reverse(y, xs, kOps);
  EXPECT_FALSE(slopes[0]);
  EXPECT_FALSE(slopes[1]);
}

TEST(Reverse, of_a_variable_by_itself_is_one) {
  Graph g;
  const Var x = make_leaf(g);
  EXPECT_TRUE(reverse(x, std::span(&x, 1), kOps)[0]);
}

TEST(Rows, an_op_that_says_nothing_mixes_what_depends_on_rows_only) {
  Graph g;
  const Var x = make_leaf(g);
  EXPECT_TRUE(keeps_rows_apart(g, std::span(&x, 1)));
  EXPECT_EQ(row_analysis(g)[0].kind, Rows::none);
  const Rows apart{Rows::apart, -1};
  EXPECT_EQ(plus.rows(std::span(&apart, 1), g, x.node()).kind, Rows::mixed);
}

}  // namespace
}  // namespace diabolo
