#include <diabolo/graph/rows.h>

namespace diabolo {

std::vector<Rows> row_analysis(const Graph& graph) {
  std::vector<Rows> rows;
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    std::vector<Rows> inputs;
    for (const int input : node.inputs) inputs.push_back(rows[static_cast<std::size_t>(input)]);
    rows.push_back(node.op->rows(inputs, graph, node));
  }
  return rows;
}

bool keeps_rows_apart(const Graph& graph, std::span<const Var> outputs) {
  const std::vector<Rows> rows = row_analysis(graph);
  for (const Var& output : outputs)
    if (rows[static_cast<std::size_t>(output.id())].kind == Rows::mixed) return false;
  return true;
}

}  // namespace diabolo
