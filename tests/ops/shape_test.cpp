// What the ops refuse, and with which words: the op first, then what was expected and what came.
#include <diabolo/base/error.h>
#include <diabolo/ops/functions.h>
#include <gtest/gtest.h>

#include <functional>

namespace diabolo {
namespace {

void expect_refused(ErrorCode code, const std::string& text, const std::function<void()>& f) {
  try {
    f();
    ADD_FAILURE() << "expected: " << text;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), code) << e.what();
    EXPECT_NE(std::string(e.what()).find(text), std::string::npos) << e.what();
  }
}

class Refusals : public ::testing::Test {
 protected:
  Graph g;
  Var a = input(g, "a", DType::f32, {4, 3});
  Var b = input(g, "b", DType::f32, {4, 2});
  Var bytes = input(g, "bytes", DType::u8, {4, 3});
  Var index = input(g, "index", DType::i32, {4});
  Var keys = input(g, "keys", DType::u64, {4});
};

TEST_F(Refusals, shapes_that_do_not_broadcast) {
  expect_refused(ErrorCode::shape,
                 "[add] expected shapes that broadcast together, got [4, 3] and [4, 2]",
                 [&] { a + b; });
  expect_refused(ErrorCode::shape, "[select]", [&] { select(a, b, b); });
  expect_refused(ErrorCode::shape,
                 "[broadcast_to] expected a shape that [4, 3] stretches to, got [3]",
                 [&] { broadcast_to(a, {3}); });
}

TEST_F(Refusals, element_types_that_do_not_fit) {
  expect_refused(ErrorCode::invalid_argument,
                 "[mul] expected inputs of type f32, got u8; cast them", [&] { a* bytes; });
  expect_refused(ErrorCode::invalid_argument, "[sum] expected type f32, got u8; cast it",
                 [&] { sum(bytes); });
  expect_refused(ErrorCode::invalid_argument, "[cast] expected u8 or i32, got f32",
                 [&] { cast(a); });
  expect_refused(ErrorCode::invalid_argument, "[noise] expected row keys of type u64",
                 [&] { normal_noise(index, {4, 2}, Stream::train, "n"); });
  expect_refused(ErrorCode::invalid_argument, "[gather] expected an index of type i32",
                 [&] { gather(a, keys); });
}

TEST_F(Refusals, products_of_matrices_that_do_not_meet) {
  expect_refused(ErrorCode::shape,
                 "[matmul] expected inner dimensions that agree, got [4, 3] and [4, 2]",
                 [&] { matmul(a, b); });
  expect_refused(ErrorCode::shape, "[4, 3] transposed and [4, 2] transposed",
                 [&] { matmul(a, b, true, true); });
  expect_refused(ErrorCode::shape, "[matmul] expected two matrices, got [4, 3] and [12]",
                 [&] { matmul(a, reshape(a, {12})); });
}

TEST_F(Refusals, axes_orders_and_ranges_outside) {
  expect_refused(ErrorCode::invalid_argument, "[sum] expected an axis of [4, 3], got 2",
                 [&] { sum(a, {2}); });
  expect_refused(ErrorCode::invalid_argument, "[sum] expected each axis once",
                 [&] { sum(a, {0, -2}); });
  expect_refused(ErrorCode::invalid_argument, "[transpose]", [&] { transpose(a, {0, 0}); });
  expect_refused(ErrorCode::invalid_argument, "[transpose]", [&] { transpose(a, {0}); });
  expect_refused(ErrorCode::shape,
                 "[slice] expected a range within axis 1 of [4, 3], got 2 entries from 2",
                 [&] { slice(a, 1, 2, 2); });
  expect_refused(ErrorCode::shape, "[slice]", [&] { slice(a, 1, -1, 2); });
  expect_refused(ErrorCode::shape, "[reshape] expected a shape of 12 elements, got [5]",
                 [&] { reshape(a, {5}); });
  const Var parts[] = {a, b};
  expect_refused(ErrorCode::shape, "[concat] expected parts that differ on axis 0 only",
                 [&] { concat(parts, 0); });
  expect_refused(ErrorCode::invalid_argument, "[concat] expected parts, got none",
                 [&] { concat({}, 0); });
}

TEST_F(Refusals, noise_of_another_batch) {
  expect_refused(ErrorCode::shape,
                 "[noise] expected a shape [..., 4, C] for 4 row keys, got [5, 2]",
                 [&] { uniform_noise(keys, {5, 2}, Stream::train, "u"); });
}

TEST_F(Refusals, tables_and_indices_that_do_not_fit) {
  expect_refused(ErrorCode::shape, "[gather] expected a table [N, C]",
                 [&] { gather(reshape(a, {12}), index); });
  expect_refused(ErrorCode::shape, "[scatter_add] expected 4 rows to add",
                 [&] { scatter_add(index, slice(a, 0, 0, 2), 3); });
  expect_refused(ErrorCode::shape, "[shape] expected dimensions of at least 0, got -1",
                 [&] { scatter_add(index, a, -1); });
  expect_refused(ErrorCode::shape, "[argmin]", [&] { argmin(constant(g, 1)); });
  expect_refused(ErrorCode::shape, "[constant] expected 6 values for shape [2, 3], got 2",
                 [&] { constant(g, {2, 3}, {1, 2}); });
}

TEST_F(Refusals, empty_vars_and_vars_of_another_graph) {
  Graph other;
  const Var stranger = constant(other, 1);
  expect_refused(ErrorCode::internal, "same graph", [&] { a + stranger; });
  expect_refused(ErrorCode::internal, "not an empty one", [&] { Var() + a; });
  expect_refused(ErrorCode::internal, "same graph", [&] { a + Var(); });
  expect_refused(ErrorCode::internal, "not an empty one", [&] { Var() * 2.0; });
  expect_refused(ErrorCode::invalid_argument, "[graph] expected f32 or f64",
                 [] { Graph wrong(DType::u8); });
}

TEST(Shapes, negative_axes_count_from_the_end_and_keep_leaves_ones) {
  Graph g;
  const Var x = input(g, "x", DType::f32, {2, 3, 4});
  EXPECT_EQ(sum(x, {-1}).shape(), (Shape{2, 3}));
  EXPECT_EQ(sum(x, {1}, true).shape(), (Shape{2, 1, 4}));
  EXPECT_EQ(sum(x).shape(), Shape{});
  EXPECT_EQ(logsumexp(x, -2).shape(), (Shape{2, 4}));
  EXPECT_EQ(transpose(x, {2, 0, 1}).shape(), (Shape{4, 2, 3}));
  EXPECT_EQ(argmin(x).shape(), (Shape{2, 3}));
  EXPECT_EQ(argmin(x).dtype(), DType::i32);
  EXPECT_EQ(sum_to(x, {3, 1}).shape(), (Shape{3, 1}));
}

}  // namespace
}  // namespace diabolo
