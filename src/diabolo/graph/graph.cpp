#include <diabolo/base/error.h>
#include <diabolo/base/random.h>
#include <diabolo/graph/op.h>

#include <algorithm>

namespace diabolo {

Graph& Var::graph() const {
  ensure(graph_ != nullptr, "graph", "a Var that stands for a node, not an empty one");
  return *graph_;
}
const Node& Var::node() const { return graph().node(id_); }
const Shape& Var::shape() const { return node().shape; }
DType Var::dtype() const { return node().dtype; }

Graph::Graph(DType real) : real_(real) {
  check(is_float(real), ErrorCode::invalid_argument, "graph",
        "expected f32 or f64 as the type of reals, got {}", name(real));
}

Var Graph::add(const Op& op, std::span<const Var> inputs, Attributes attributes) {
  Node node{.op = &op, .inputs = {}, .attributes = std::move(attributes), .dtype = {}, .shape = {}};
  for (const Var& input : inputs) {
    ensure(input && &input.graph() == this, op.name(), "inputs that belong to the same graph");
    node.inputs.push_back(input.id());
  }
  const Signature signature = op.infer(*this, inputs, node.attributes);
  node.dtype = signature.dtype;
  node.shape = signature.shape;
  nodes_.push_back(std::move(node));
  return {this, size() - 1};
}

std::int64_t Graph::reserve_noise_columns(int stream, std::int64_t columns) {
  std::int64_t& next = noise_columns_[stream];
  const std::int64_t first = next;
  next += (columns + 3) / 4 * 4;  // a block of Philox belongs to one node
  check(next <= kMaxNoiseColumns, ErrorCode::unsupported, "noise",
        "expected at most {} noise columns a row, got {}; use fewer dimensions", kMaxNoiseColumns,
        next);
  return first;
}

std::vector<Var> Op::gradient(std::span<const Var>, Var, Var) const { return {}; }

Rows Op::rows(std::span<const Rows> inputs, const Graph&, const Node&) const {
  const bool constant =
      std::all_of(inputs.begin(), inputs.end(), [](Rows r) { return r.kind == Rows::none; });
  return {constant ? Rows::none : Rows::mixed, 0};
}

double Op::flops(const Graph&, const Node&) const { return 0; }

}  // namespace diabolo
