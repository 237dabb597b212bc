#include <diabolo/base/error.h>
#include <diabolo/graph/op.h>
#include <diabolo/graph/reverse.h>

namespace diabolo {

std::vector<Var> reverse(Var y, std::span<const Var> xs, const ReverseOps& ops) {
  Graph& graph = y.graph();
  const auto count = static_cast<std::size_t>(y.id() + 1);

  // Only nodes between some x and y carry a gradient.
  std::vector<bool> wanted(count, false);
  for (const Var& x : xs)
    if (x.id() <= y.id()) wanted[static_cast<std::size_t>(x.id())] = true;
  for (std::size_t i = 0; i < count; ++i)
    for (const int input : graph.node(static_cast<int>(i)).inputs)
      if (wanted[static_cast<std::size_t>(input)]) wanted[i] = true;

  std::vector<Var> slope(count);
  slope[count - 1] = ops.ones_like(y);
  for (std::size_t i = count; i-- > 0;) {
    if (!slope[i] || !wanted[i]) continue;
    const Node& node = graph.node(static_cast<int>(i));
    std::vector<Var> inputs;
    for (const int input : node.inputs) inputs.emplace_back(&graph, input);
    const std::vector<Var> slopes =
        node.op->gradient(inputs, Var(&graph, static_cast<int>(i)), slope[i]);
    for (std::size_t k = 0; k < slopes.size(); ++k) {
      if (!slopes[k]) continue;
      ensure(slopes[k].shape() == inputs[k].shape(), node.op->name(),
             "a gradient of the shape of its input");
      Var& sum = slope[static_cast<std::size_t>(inputs[k].id())];
      sum = sum ? ops.add(sum, slopes[k]) : slopes[k];
    }
  }
  std::vector<Var> result;
  for (const Var& x : xs)
    result.push_back(x.id() <= y.id() ? slope[static_cast<std::size_t>(x.id())] : Var());
  return result;
}

}  // namespace diabolo
