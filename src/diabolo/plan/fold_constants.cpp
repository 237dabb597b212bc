#include <diabolo/ops/ops.h>
#include <diabolo/plan/rewrite.h>

namespace diabolo::plan {
namespace {

template <class T>
double evaluate(const ops::PointwiseOp& op, std::span<const double> x) {
  T values[3] = {};
  for (std::size_t i = 0; i < x.size(); ++i) values[i] = static_cast<T>(x[i]);
  return static_cast<double>(op.evaluate(values));
}

}  // namespace

Program fold_constants(const Program& program) {
  return rewrite(program, [](Graph& graph, const Node& node, std::span<const Var> inputs) {
    const auto* op = dynamic_cast<const ops::PointwiseOp*>(node.op);
    std::vector<double> values(inputs.size());
    bool constant = op != nullptr;
    for (std::size_t i = 0; constant && i < inputs.size(); ++i)
      constant = is_splat(inputs[i].node(), &values[i]);
    if (!constant) return copy(graph, node, inputs);
    const double result =
        graph.real() == DType::f32 ? evaluate<float>(*op, values) : evaluate<double>(*op, values);
    return full(graph, node.shape, result);
  });
}

}  // namespace diabolo::plan
