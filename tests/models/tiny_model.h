// The graph of a small model's loss with its gradients, for tests: any composition, in float or
// double, with one or more draws a row.
#pragma once

#include <diabolo/graph/op.h>
#include <diabolo/models/model_data.h>
#include <plan/evaluate.h>

#include <string>
#include <vector>

namespace diabolo::testing {

struct TinyModel {
  Graph graph;
  Parameters parameters, state;
  Var x, keys, warmup;
  Terms terms;
  Loss loss;
  Var total;  // mean over draws and rows of loss.rows

  TinyModel(const Composition& composition, const Components& components, std::int64_t rows,
            std::int64_t dimensions, DType real, std::int64_t draws = 1,
            const Transform& transform = {})
      : graph(real), vae(complete(composition, components), components, dimensions, transform) {
    keys = input(graph, "keys", DType::u64, {rows});
    warmup = input(graph, "warmup", real, {}, false);
    x = input(graph, "x", real, {rows, dimensions});
    const Scope scope(graph, parameters, state, {.keys = keys, .stream = Stream::train});
    const Var net = transform.to_network(scope, x, {keys, Stream::binarize});
    terms = vae.terms(scope, net, draws);
    loss = vae.loss(scope, terms, warmup);
    total = mean(loss.rows);
  }

  /// d total / d parameter, in the order of parameters.all().
  std::vector<Var> gradient() {
    std::vector<Var> nodes;
    std::vector<std::int64_t> offsets;
    for (int id = 0; id < graph.size(); ++id)
      if (graph.node(id).op->name() == "parameter") {
        nodes.emplace_back(&graph, id);
        offsets.push_back(graph.node(id).attributes.ints[0]);
      }
    const std::vector<Var> slopes = gradients(total, nodes);
    std::vector<Var> result;
    for (const ParameterInfo& info : parameters.all()) {
      Var sum;
      for (std::size_t i = 0; i < nodes.size(); ++i)
        if (offsets[i] == info.offset) sum = sum ? sum + slopes[i] : slopes[i];
      result.push_back(sum);
    }
    return result;
  }

  /// The flat array with `name` set to `values`.
  void set(Values& flat, const std::string& name, const Values& values) const {
    for (const Parameters* layout : {&parameters, &state})
      for (const ParameterInfo& info : layout->all()) {
        if (info.name != name) continue;
        ensure(values.size() == static_cast<std::size_t>(info.shape.size()), "test", name);
        flat.resize(static_cast<std::size_t>(layout->size()));
        std::copy(values.begin(), values.end(), flat.begin() + info.offset);
        return;
      }
    fail(ErrorCode::internal, "test", "expected a parameter of the model, got '{}'", name);
  }

  /// Initial values by seed, as doubles.
  static Values initial(const Parameters& layout, std::uint64_t seed) {
    std::vector<float> values(static_cast<std::size_t>(layout.size()));
    layout.initialize(values, seed);
    return Values(values.begin(), values.end());
  }

  Vae vae;
};

}  // namespace diabolo::testing
