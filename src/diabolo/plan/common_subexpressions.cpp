#include <diabolo/plan/rewrite.h>

#include <map>
#include <tuple>

namespace diabolo::plan {

// Two noise nodes differ in their columns (Graph::reserve_noise_columns), so they never merge.
Program common_subexpressions(const Program& program) {
  using Key = std::tuple<const Op*, std::vector<int>, std::vector<std::int64_t>,
                         std::vector<double>, std::string>;
  std::map<Key, Var> seen;
  return rewrite(program, [&](Graph& graph, const Node& node, std::span<const Var> inputs) {
    std::vector<int> ids;
    for (const Var& input : inputs) ids.push_back(input.id());
    const Attributes& a = node.attributes;
    const auto [place, fresh] = seen.try_emplace(Key(node.op, ids, a.ints, a.reals, a.text));
    if (fresh) place->second = copy(graph, node, inputs);
    return place->second;
  });
}

}  // namespace diabolo::plan
