// Row analysis: what may run slice by slice, and what must see the whole batch.
#include <diabolo/graph/rows.h>
#include <diabolo/ops/functions.h>
#include <gtest/gtest.h>

namespace diabolo {
namespace {

Rows rows_of(Var x) { return row_analysis(x.graph())[static_cast<std::size_t>(x.id())]; }
Rows apart(int axis) { return {Rows::apart, axis}; }

class RowAnalysis : public ::testing::Test {
 protected:
  Graph g;
  Var x = input(g, "x", DType::f32, {8, 6});                // [B, D]
  Var keys = input(g, "keys", DType::u64, {8});             // [B]
  Var w = parameter(g, "w", {6, 4}, 0);                     // [D, H]
  Var b = parameter(g, "b", {4}, 24);                       // [H]
  Var label = input(g, "label", DType::i32, {8});           // [B]
  Var shared = input(g, "shared", DType::f32, {6}, false);  // the same for all rows
};

TEST_F(RowAnalysis, what_is_done_to_each_row_keeps_rows_apart) {
  EXPECT_EQ(rows_of(x), apart(-2));
  EXPECT_EQ(rows_of(relu(matmul(x, w) + b)), apart(-2));
  EXPECT_EQ(rows_of(x * shared), apart(-2));
  EXPECT_EQ(rows_of(sum(x, {1})), apart(-1));
  EXPECT_EQ(rows_of(sum(x, {1}, true)), apart(-2));
  EXPECT_EQ(rows_of(reduce_max(x, {1})), apart(-1));
  EXPECT_EQ(rows_of(logsumexp(x, 1)), apart(-1));
  EXPECT_EQ(rows_of(transpose(x, {1, 0})), apart(-1));
  EXPECT_EQ(rows_of(matmul(w, x, true, true)), apart(-1));
  EXPECT_EQ(rows_of(slice(x, 1, 2, 2)), apart(-2));
  EXPECT_EQ(rows_of(normal_noise(keys, {3, 8, 4}, Stream::train, "n") + b), apart(-2));
  EXPECT_EQ(rows_of(gather(w, label)), apart(-2));
  EXPECT_EQ(rows_of(argmin(x)), apart(-1));
  EXPECT_EQ(rows_of(w), (Rows{Rows::none, 0}));
}

TEST_F(RowAnalysis, reshapes_that_hold_whole_batches_keep_rows_apart) {
  const Var cube = broadcast_to(x, {5, 8, 6});  // [K, B, D]
  const Var flat = reshape(cube, {40, 6});      // [K * B, D]
  EXPECT_EQ(rows_of(flat), apart(-2));
  EXPECT_EQ(rows_of(reshape(matmul(flat, w), {5, 8, 4})), apart(-2));
  EXPECT_EQ(rows_of(reshape(x, {8, 2, 3})), apart(-3));
  EXPECT_EQ(rows_of(reshape(sum(x, {1}), {8, 1})), apart(-2));
  EXPECT_EQ(rows_of(reshape(x, {4, 2, 6})).kind, Rows::mixed);
  EXPECT_EQ(rows_of(reshape(x, {48})).kind, Rows::mixed);
}

TEST_F(RowAnalysis, sums_over_rows_add_up_as_long_as_they_are_used_linearly) {
  const Var loss = sum(square(matmul(x, w) + b));
  EXPECT_EQ(rows_of(loss).kind, Rows::folded);
  EXPECT_EQ(rows_of(loss * 0.5 - loss / 4.0).kind, Rows::folded);
  EXPECT_EQ(rows_of(-reshape(loss, {1})).kind, Rows::folded);
  EXPECT_EQ(rows_of(matmul(x, x, true)).kind, Rows::folded);
  EXPECT_EQ(rows_of(scatter_add(label, x, 3)).kind, Rows::folded);
  EXPECT_EQ(rows_of(loss + 1.0).kind, Rows::mixed);
  EXPECT_EQ(rows_of(loss * loss).kind, Rows::mixed);
  EXPECT_EQ(rows_of(exp(loss)).kind, Rows::mixed);
  EXPECT_EQ(rows_of(x - mean(x, {0})).kind, Rows::mixed);
  EXPECT_EQ(rows_of(reduce_max(x)).kind, Rows::mixed);
  EXPECT_EQ(rows_of(matmul(x, x, false, true)).kind, Rows::mixed);
  EXPECT_EQ(rows_of(slice(x, 0, 0, 2)).kind, Rows::mixed);
}

TEST_F(RowAnalysis, the_gradient_of_a_loss_by_rows_adds_up_also_through_slices_of_parameters) {
  const Var h = matmul(x, slice(w, 1, 1, 2)) + slice(b, 0, 2, 2);
  const Var loss = sum(softplus(h));
  const Var xs[] = {w, b};
  const auto slopes = gradients(loss, xs);
  EXPECT_EQ(rows_of(slopes[0]).kind, Rows::folded);
  EXPECT_EQ(rows_of(slopes[1]).kind, Rows::folded);
  EXPECT_TRUE(keeps_rows_apart(g, slopes));
}

TEST_F(RowAnalysis, batch_statistics_mix_rows) {
  const Var h = matmul(x, w);
  const Var centred = h - mean(h, {0});
  const Var normal = centred / sqrt(mean(square(centred), {0}) + 1e-5);
  const Var outputs[] = {sum(normal * b)};
  EXPECT_FALSE(keeps_rows_apart(g, outputs));
}

}  // namespace
}  // namespace diabolo
