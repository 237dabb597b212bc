#include <diabolo/base/error.h>
#include <diabolo/ops/ops.h>
#include <diabolo/plan/fusion.h>

#include <algorithm>
#include <map>
#include <set>

namespace diabolo::plan {
namespace {

// Beyond this many nodes the buffers of a tile program would leave the first-level cache.
constexpr std::size_t kMaxNodes = 40;

// Groups that only read the same array merge if it is at least this large. To merge small ones
// saves nothing, and may tie the start of one chain to the end of another: the per-row weights,
// which the backward pass begins with, to the loss.
constexpr std::int64_t kWorthSharing = 4096;

bool is_tile_node(const Graph& graph, const Node& node) {
  if (!is_float(node.dtype)) return false;
  if (node.op->op_class() == OpClass::pointwise || node.op == &ops::op<ops::Noise>() ||
      node.op == &ops::op<ops::Cast>() || node.op == &ops::op<ops::BroadcastTo>())
    return true;
  return node.op->op_class() == OpClass::reduction &&
         reduce_form(graph, node).kind != ReduceKind::general;
}

bool is_source(const Node& node) {
  return node.op->op_class() == OpClass::source && node.op != &ops::op<ops::Noise>();
}

class Grouping {
 public:
  Grouping(const Program& program, bool fuse) : graph_(*program.graph) {
    for (const Var& output : program.outputs) outputs_.insert(resolve(graph_, output.id()));
    group_of_.assign(static_cast<std::size_t>(graph_.size()), -1);
    count_users();
    for (int id = 0; id < graph_.size(); ++id) {
      const Node& node = graph_.node(id);
      if (is_source(node) || node.op == &ops::op<ops::Reshape>() || group_of(id) >= 0) continue;
      start_group(id);
      if (fuse && node.op->op_class() == OpClass::product) absorb_epilogue(id);
      if (fuse && groups_.back().kind == Group::tile) merge_with_neighbours(id);
    }
  }

  // Depth first by the smallest node: an order in which each group's inputs come before it.
  std::vector<Group> ordered() {
    std::vector<Group> result;
    std::vector<int> mark(groups_.size(), 0);
    const auto visit = [&](const auto& self, int g) -> void {
      if (mark[static_cast<std::size_t>(g)] == 2) return;
      ensure(mark[static_cast<std::size_t>(g)] == 0, "plan", "groups without a cycle");
      mark[static_cast<std::size_t>(g)] = 1;
      for (const int before : inputs_of(g)) self(self, before);
      mark[static_cast<std::size_t>(g)] = 2;
      result.push_back(groups_[static_cast<std::size_t>(g)]);
    };
    for (int id = 0; id < graph_.size(); ++id)
      if (group_of(id) >= 0) visit(visit, group_of(id));
    return result;
  }

 private:
  int group_of(int id) const { return group_of_[static_cast<std::size_t>(id)]; }
  Group& group(int g) { return groups_[static_cast<std::size_t>(g)]; }

  void count_users() {
    users_.resize(static_cast<std::size_t>(graph_.size()));
    for (int id = 0; id < graph_.size(); ++id)
      if (graph_.node(id).op != &ops::op<ops::Reshape>())
        for (const int input : graph_.node(id).inputs)
          users_[static_cast<std::size_t>(resolve(graph_, input))].push_back(id);
  }

  void start_group(int id) {
    const Node& node = graph_.node(id);
    Group g{.kind = Group::single, .nodes = {id}, .shape = node.shape, .split = -1, .epilogue = {}};
    if (node.op->op_class() == OpClass::product) {
      g.kind = Group::product;
      g.epilogue.value = id;
    }
    if (is_tile_node(graph_, node)) {
      g.kind = Group::tile;
      if (node.op->op_class() == OpClass::reduction) {
        g.shape = graph_.node(node.inputs[0]).shape;
        g.split = reduce_form(graph_, node).split;
      }
      if (node.op == &ops::op<ops::Noise>()) g.split = node.shape.rank() - 1;
    }
    group_of_[static_cast<std::size_t>(id)] = static_cast<int>(groups_.size());
    groups_.push_back(std::move(g));
  }

  // The one that reads a node, if there is one alone and it is no output; else -1.
  int only_user(int id) const {
    const auto& users = users_[static_cast<std::size_t>(id)];
    return users.size() == 1 && !outputs_.contains(id) ? users[0] : -1;
  }

  // A value that is there before the next group runs: a source, or what an earlier group makes.
  bool is_made(int id) const {
    const int behind = resolve(graph_, id);
    return is_source(graph_.node(behind)) || group_of(behind) >= 0;
  }

  void take(int g, int id) {
    group_of_[static_cast<std::size_t>(id)] = g;
    group(g).nodes.push_back(id);
  }

  // What follows a product at once and is read by nobody else becomes part of it.
  void absorb_epilogue(int id) {
    const int g = group_of(id);
    while (absorb_sum(g)) {
    }
    absorb_relu(g);
    absorb_gate(g);
    absorb_column_sums(g);
    std::sort(group(g).nodes.begin(), group(g).nodes.end());
  }

  // + bias, or + the result of another product: old + value, in either order.
  bool absorb_sum(int g) {
    Epilogue& e = group(g).epilogue;
    const int add = only_user(e.value);
    if (add < 0 || graph_.node(add).op != &ops::op<ops::Add>()) return false;
    const Node& node = graph_.node(add);
    if (node.inputs[0] == node.inputs[1]) return false;
    if (!(node.shape == graph_.node(e.value).shape) || !may_end_in(e, add)) return false;
    if (node.inputs[0] != e.value && node.inputs[1] != e.value) return false;
    const int other = node.inputs[0] == e.value ? node.inputs[1] : node.inputs[0];
    const Shape& shape = graph_.node(e.value).shape;
    const int behind = resolve(graph_, other);
    if (e.bias < 0 && graph_.node(other).shape == Shape{shape[1]} &&
        is_source(graph_.node(behind)) && !is_splat(graph_.node(other))) {
      e.bias = other;
    } else if (e.old < 0 && e.bias < 0 && is_value_of_product(other) && only_user(other) == add &&
               graph_.node(other).shape == shape && !outputs_.contains(add)) {
      e.old = other;
    } else {
      return false;
    }
    take(g, e.value = add);
    return true;
  }

  bool is_value_of_product(int id) const {
    const int g = group_of(id);
    return g >= 0 && groups_[static_cast<std::size_t>(g)].kind == Group::product &&
           groups_[static_cast<std::size_t>(g)].epilogue.value == id;
  }

  void absorb_relu(int g) {
    Epilogue& e = group(g).epilogue;
    const int relu = only_user(e.value);
    if (relu < 0 || graph_.node(relu).op != &ops::op<ops::Relu>() || !may_end_in(e, relu)) return;
    e.relu = true;
    take(g, e.value = relu);
  }

  // What is written over an old value cannot be an output, which has a place of its own.
  bool may_end_in(const Epilogue& e, int id) const { return e.old < 0 || !outputs_.contains(id); }

  // select(0 < gate, value, 0): the gradient of relu.
  void absorb_gate(int g) {
    Epilogue& e = group(g).epilogue;
    const int select = only_user(e.value);
    if (select < 0 || graph_.node(select).op != &ops::op<ops::Select>()) return;
    const Node& node = graph_.node(select);
    const int condition = node.inputs[0];
    double zero = 1;
    if (node.inputs[1] != e.value || !is_splat(graph_.node(node.inputs[2]), &zero) || zero != 0 ||
        graph_.node(condition).op != &ops::op<ops::Less>() || group_of(condition) >= 0 ||
        only_user(condition) != select || !may_end_in(e, select))
      return;
    const Node& less = graph_.node(condition);
    zero = 1;
    if (!is_splat(graph_.node(less.inputs[0]), &zero) || zero != 0 || !is_made(less.inputs[1]) ||
        !(graph_.node(less.inputs[1]).shape == node.shape) ||
        !(graph_.node(e.value).shape == node.shape))
      return;
    e.gate = less.inputs[1];
    take(g, condition);
    take(g, e.value = select);
  }

  void absorb_column_sums(int g) {
    Epilogue& e = group(g).epilogue;
    for (const int user : users_[static_cast<std::size_t>(e.value)]) {
      const Node& node = graph_.node(user);
      if (node.op != &ops::op<ops::Sum>() || node.inputs[0] != e.value || group_of(user) >= 0)
        continue;
      const ReduceForm form = reduce_form(graph_, node);
      if (form.kind != ReduceKind::columns || form.split != 1) continue;
      e.sums = user;
      take(g, user);
      return;
    }
  }

  std::set<int> inputs_of(int g) const {
    std::set<int> result;
    for (const int id : groups_[static_cast<std::size_t>(g)].nodes)
      for (const int input : graph_.node(id).inputs) {
        const int producer = group_of(resolve(graph_, input));
        if (producer >= 0 && producer != g) result.insert(producer);
      }
    return result;
  }

  // Does `from` need `to`, by a way that is longer than one step?
  bool reaches_around(int from, int to) const {
    std::set<int> seen;
    std::vector<int> todo;
    for (const int g : inputs_of(from))
      if (g != to) todo.push_back(g);
    while (!todo.empty()) {
      const int g = todo.back();
      todo.pop_back();
      if (g == to) return true;
      if (!seen.insert(g).second) continue;
      for (const int before : inputs_of(g)) todo.push_back(before);
    }
    return false;
  }

  bool is_member(int g, int id) const { return group_of(resolve(graph_, id)) == g; }

  // Every array that a group reads from outside must be walkable at `split`.
  bool operands_conform(int a, int b, int split) const {
    const Shape& shape = groups_[static_cast<std::size_t>(a)].shape;
    for (const int g : {a, b})
      for (const int id : groups_[static_cast<std::size_t>(g)].nodes)
        if (graph_.node(id).op != &ops::op<ops::Noise>())
          for (const int input : graph_.node(id).inputs)
            if (!conforms(graph_.node(input).shape, shape, split)) return false;
    return true;
  }

  // A member reads another only as it is: not reshaped, not reduced, not stretched.
  bool reads_as_it_is(int reader, int written) const {
    for (const int id : groups_[static_cast<std::size_t>(reader)].nodes)
      for (const int input : graph_.node(id).inputs) {
        if (!is_member(written, input)) continue;
        const Node& value = graph_.node(resolve(graph_, input));
        if (input != resolve(graph_, input) || value.op->op_class() == OpClass::reduction ||
            !(value.shape == groups_[static_cast<std::size_t>(reader)].shape))
          return false;
      }
    return true;
  }

  bool can_merge(int a, int b) const {
    const Group& x = groups_[static_cast<std::size_t>(a)];
    const Group& y = groups_[static_cast<std::size_t>(b)];
    if (x.kind != Group::tile || y.kind != Group::tile || !(x.shape == y.shape)) return false;
    if (x.split >= 0 && y.split >= 0 && x.split != y.split) return false;
    if (x.nodes.size() + y.nodes.size() > kMaxNodes) return false;
    const int split = std::max(x.split, y.split);
    if (split >= 0 && !operands_conform(a, b, split)) return false;
    if (!reads_as_it_is(a, b) || !reads_as_it_is(b, a)) return false;
    return !reaches_around(a, b) && !reaches_around(b, a);
  }

  // Into the older group; the younger one stays behind, empty.
  int merge(int a, int b) {
    const int into = std::min(a, b), from = std::max(a, b);
    group(into).split = std::max(group(a).split, group(b).split);
    for (const int id : group(from).nodes) group_of_[static_cast<std::size_t>(id)] = into;
    auto& nodes = group(into).nodes;
    nodes.insert(nodes.end(), group(from).nodes.begin(), group(from).nodes.end());
    std::sort(nodes.begin(), nodes.end());
    group(from).nodes.clear();
    return into;
  }

  // First with the groups that make its inputs, then with those that read the same large arrays.
  void merge_with_neighbours(int id) {
    int g = group_of(id);
    std::set<int, std::greater<>> candidates;
    for (const int input : graph_.node(id).inputs)
      candidates.insert(group_of(resolve(graph_, input)));
    for (const int input : graph_.node(id).inputs)
      if (graph_.node(input).shape.size() == group(g).shape.size() &&
          group(g).shape.size() >= kWorthSharing)
        for (const int user : users_[static_cast<std::size_t>(resolve(graph_, input))])
          if (user < id) candidates.insert(group_of(user));
    for (const int candidate : candidates)
      if (candidate >= 0 && candidate != g && !group(candidate).nodes.empty() &&
          can_merge(candidate, g))
        g = merge(candidate, g);
  }

  const Graph& graph_;
  std::set<int> outputs_;
  std::vector<std::vector<int>> users_;
  std::vector<int> group_of_;
  std::vector<Group> groups_;
};

}  // namespace

ReduceForm reduce_form(const Graph& graph, const Node& node) {
  const Shape& x = graph.node(node.inputs[0]).shape;
  const auto& axes = node.attributes.ints;
  const auto reduced = [&](int i) {
    return x[i] == 1 || std::find(axes.begin(), axes.end(), i) != axes.end();
  };
  const auto kept = [&](int i) {
    return x[i] == 1 || std::find(axes.begin(), axes.end(), i) == axes.end();
  };
  for (int split = 0; split <= x.rank(); ++split) {
    bool rows = true, columns = true;
    for (int i = 0; i < x.rank(); ++i) {
      rows &= i < split ? kept(i) : reduced(i);
      columns &= i < split ? reduced(i) : kept(i);
    }
    if (rows) return {ReduceKind::rows, split};
    if (columns) return {ReduceKind::columns, split};
  }
  return {ReduceKind::general, 0};
}

int resolve(const Graph& graph, int id) {
  while (graph.node(id).op == &ops::op<ops::Reshape>()) id = graph.node(id).inputs[0];
  return id;
}

bool conforms(const Shape& operand, const Shape& shape, int split) {
  bool contiguous = true, constant = true;
  for (int i = split; i < shape.rank(); ++i) {
    const int place = i - (shape.rank() - operand.rank());
    const std::int64_t n = place >= 0 ? operand[place] : 1;
    contiguous &= n == shape[i];
    constant &= n == 1;
  }
  return contiguous || constant;
}

std::vector<Group> make_groups(const Program& program, bool fuse) {
  return Grouping(program, fuse).ordered();
}

}  // namespace diabolo::plan
