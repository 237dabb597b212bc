#include <diabolo/plan/rewrite.h>

#include <bit>
#include <map>
#include <tuple>

namespace diabolo::plan {

// Two noise nodes differ in their columns (Graph::reserve_noise_columns), so they never merge.
// Constants are compared by their bits: 0 and -0 differ, and a NaN equals itself.
Program common_subexpressions(const Program& program) {
  using Key = std::tuple<const Op*, std::vector<int>, std::vector<std::int64_t>,
                         std::vector<std::uint64_t>, std::string>;
  std::map<Key, Var> seen;
  return rewrite(program, [&](Graph& graph, const Node& node, std::span<const Var> inputs) {
    std::vector<int> ids;
    for (const Var& input : inputs) ids.push_back(input.id());
    const Attributes& a = node.attributes;
    std::vector<std::uint64_t> reals;
    for (const double value : a.reals) reals.push_back(std::bit_cast<std::uint64_t>(value));
    const auto [place, fresh] = seen.try_emplace(Key(node.op, ids, a.ints, reals, a.text));
    if (fresh) place->second = copy(graph, node, inputs);
    return place->second;
  });
}

}  // namespace diabolo::plan
