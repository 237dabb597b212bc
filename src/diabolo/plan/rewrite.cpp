#include <diabolo/ops/ops.h>
#include <diabolo/plan/rewrite.h>

namespace diabolo::plan {

Var copy(Graph& graph, const Node& node, std::span<const Var> inputs) {
  return graph.add(*node.op, inputs, node.attributes);
}

Program rewrite(const Program& program, const Rule& rule) {
  const Graph& old = *program.graph;
  std::vector<bool> needed(static_cast<std::size_t>(old.size()), false);
  for (const Var& output : program.outputs) needed[static_cast<std::size_t>(output.id())] = true;
  for (int id = old.size() - 1; id >= 0; --id)
    if (needed[static_cast<std::size_t>(id)])
      for (const int input : old.node(id).inputs) needed[static_cast<std::size_t>(input)] = true;

  Program result{std::make_shared<Graph>(old.real()), {}};
  std::vector<Var> replaced(needed.size());
  for (int id = 0; id < old.size(); ++id) {
    if (!needed[static_cast<std::size_t>(id)]) continue;
    const Node& node = old.node(id);
    std::vector<Var> inputs;
    for (const int input : node.inputs) inputs.push_back(replaced[static_cast<std::size_t>(input)]);
    replaced[static_cast<std::size_t>(id)] = rule(*result.graph, node, inputs);
  }
  for (const Var& output : program.outputs)
    result.outputs.push_back(replaced[static_cast<std::size_t>(output.id())]);
  return result;
}

bool is_splat(const Node& node, double* value) {
  if (node.op != &ops::op<ops::Constant>() || node.attributes.reals.size() != 1) return false;
  if (value) *value = node.attributes.reals[0];
  return true;
}

}  // namespace diabolo::plan
