// docs/ops.md is made from the list of ops and the words below. The test fails when the file is
// stale; with DIABOLO_WRITE_DOCS=1 in the environment it writes the file instead.
#include <diabolo/ops/ops.h>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace diabolo {
namespace {

struct Words {
  const char* inputs;
  const char* meaning;
  const char* gradient;
};

const std::map<std::string_view, Words> kWords = {
    {"neg", {"x", "-x", "-dy"}},
    {"abs", {"x", "absolute value", "sign(x) dy; dy at 0"}},
    {"exp", {"x", "e^x", "y dy"}},
    {"expm1", {"x", "e^x - 1, accurate near 0", "(y + 1) dy"}},
    {"log", {"x", "natural logarithm", "dy / x"}},
    {"log1p", {"x", "log(1 + x), accurate near 0", "dy / (1 + x)"}},
    {"sqrt", {"x", "square root", "dy / (2 y)"}},
    {"tanh", {"x", "hyperbolic tangent", "(1 - y^2) dy"}},
    {"sigmoid", {"x", "1 / (1 + e^-x)", "y (1 - y) dy"}},
    {"softplus", {"x", "log(1 + e^x), stable for both signs", "sigmoid(x) dy"}},
    {"relu", {"x", "max(x, 0); NaN stays NaN", "dy where y > 0"}},
    {"erf", {"x", "error function", "2 / sqrt(pi) e^(-x^2) dy"}},
    {"sin", {"x", "sine of radians", "cos(x) dy"}},
    {"cos", {"x", "cosine of radians", "-sin(x) dy"}},
    {"floor", {"x", "largest whole number not above x", "none"}},
    {"lgamma", {"x", "log of the gamma function, x > 0", "digamma(x) dy"}},
    {"digamma", {"x", "derivative of lgamma, x > 0", "none"}},
    {"add", {"a, b", "a + b", "dy, dy"}},
    {"sub", {"a, b", "a - b", "dy, -dy"}},
    {"mul", {"a, b", "a b", "b dy, a dy"}},
    {"div", {"a, b", "a / b", "dy / b, -y dy / b"}},
    {"max", {"a, b", "the larger; NaN if either is", "to the larger; to a when equal"}},
    {"min", {"a, b", "the smaller; NaN if either is", "to the smaller; to a when equal"}},
    {"less", {"a, b", "1 where a < b, else 0", "none"}},
    {"equal", {"a, b", "1 where a = b, else 0", "none"}},
    {"select", {"mask, a, b", "a where mask is not 0, else b", "none, dy or 0, 0 or dy"}},
    {"input", {"", "data bound at each run, by name", "-"}},
    {"parameter", {"", "a view into the flat parameter array", "-"}},
    {"state", {"", "a view into the flat state array: not trained", "-"}},
    {"constant", {"", "one value, or one an element", "-"}},
    {"noise", {"keys", "counter-based normal or uniform noise of shape [..., B, C]", "none"}},
    {"broadcast_to", {"x", "dimensions of 1 stretched, leading ones added", "summed back"}},
    {"reshape", {"x", "the same elements under another shape", "reshaped back"}},
    {"transpose", {"x", "dimensions in another order", "transposed back"}},
    {"slice", {"x", "a range of one axis", "padded with zeros"}},
    {"concat", {"x, ...", "arrays side by side along an axis", "slices of dy"}},
    {"cast", {"x", "u8 or i32 to the graph's real type", "none"}},
    {"stop_gradient", {"x", "x", "none"}},
    {"sum", {"x", "sum over axes", "dy, stretched back"}},
    {"reduce_max", {"x", "largest over axes; NaN if any is", "dy where x equals y"}},
    {"matmul",
     {"a, b", "product of two matrices, each read as it is or transposed", "dy b^T, a^T dy"}},
    {"gather", {"table, index", "rows of the table by index", "scatter_add of dy, none"}},
    {"scatter_add",
     {"index, x", "rows of x added to rows of zeros by index, in order", "none, gather of dy"}},
    {"argmin", {"x", "place of the smallest entry of the last axis, as i32", "none"}},
};

std::string_view name(OpClass c) {
  switch (c) {
    case OpClass::source:
      return "source";
    case OpClass::pointwise:
      return "pointwise";
    case OpClass::reduction:
      return "reduction";
    case OpClass::layout:
      return "layout";
    case OpClass::product:
      return "product";
    case OpClass::index:
      return "index";
  }
  return "?";
}

std::string table() {
  std::string text = fmt::format(
      "# Ops\n\n"
      "The {} primitive ops of the graph; everything else is composed of them "
      "(src/diabolo/ops/functions.h).\nPointwise ops broadcast as NumPy does. "
      "y is the result, dy its gradient.\n\n"
      "| op | class | inputs | result | gradient |\n|---|---|---|---|---|\n",
      ops::all_ops().size());
  for (const Op* op : ops::all_ops()) {
    const Words& words = kWords.at(op->name());
    text += fmt::format("| {} | {} | {} | {} | {} |\n", op->name(), name(op->op_class()),
                        words.inputs, words.meaning, words.gradient);
  }
  return text + "\nThis page is made by tests/ops/docs_test.cpp from src/diabolo/ops/list.h.\n";
}

TEST(OpDocs, every_op_has_its_words_and_no_other) {
  EXPECT_EQ(kWords.size(), ops::all_ops().size());
  for (const Op* op : ops::all_ops()) {
    ASSERT_TRUE(kWords.contains(op->name())) << op->name();
    const auto* pointwise = dynamic_cast<const ops::PointwiseOp*>(op);
    const std::string_view inputs = kWords.at(op->name()).inputs;
    if (pointwise != nullptr) {
      EXPECT_EQ(std::count(inputs.begin(), inputs.end(), ',') + 1, pointwise->arity())
          << op->name();
    }
  }
}

TEST(OpDocs, the_committed_page_is_up_to_date) {
  const auto page =
      std::filesystem::path(DIABOLO_TEST_DATA).parent_path().parent_path() / "docs" / "ops.md";
  if (std::getenv("DIABOLO_WRITE_DOCS")) std::ofstream(page) << table();
  std::ostringstream found;
  found << std::ifstream(page).rdbuf();
  EXPECT_EQ(found.str(), table())
      << "run this test with DIABOLO_WRITE_DOCS=1 and commit docs/ops.md";
}

}  // namespace
}  // namespace diabolo
