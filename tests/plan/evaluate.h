// Runs a graph on given inputs and gives back its outputs as doubles: the tests' own executor.
#pragma once

#include <diabolo/base/error.h>
#include <diabolo/ops/functions.h>
#include <diabolo/plan/plan.h>
#include <diabolo/tensor/tensor.h>

#include <map>
#include <string>
#include <vector>

namespace diabolo::testing {

using Values = std::vector<double>;

/// Inputs by name (converted to the input's type), "parameters" and "state" too if used. Row keys
/// (u64) are given as whole numbers.
inline std::vector<Values> evaluate(const Graph& graph, std::span<const Var> outputs,
                                    const std::map<std::string, Values>& inputs,
                                    const PlanOptions& options = {},
                                    const RunContext& context = {}) {
  std::vector<Output> wanted;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    wanted.push_back({outputs[i], "out" + std::to_string(i)});
  const Plan plan(graph, wanted, options);
  Workspace workspace = plan.make_workspace();

  std::vector<Tensor> memory;
  const auto bind = [&](const std::string& name, DType dtype, const Values& values) {
    const int slot = plan.slot(name);
    if (slot < 0) return;
    memory.emplace_back(dtype, Shape{static_cast<std::int64_t>(values.size())});
    Tensor& tensor = memory.back();
    ensure(tensor.bytes() >= plan.slot_bytes(slot), "test", "enough values for " + name);
    for (std::size_t i = 0; i < values.size(); ++i) {
      switch (dtype) {
        case DType::u8:
          tensor.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(values[i]);
          break;
        case DType::i32:
          tensor.as<std::int32_t>()[i] = static_cast<std::int32_t>(values[i]);
          break;
        case DType::u64:
          tensor.as<std::uint64_t>()[i] = static_cast<std::uint64_t>(values[i]);
          break;
        case DType::f32:
          tensor.as<float>()[i] = static_cast<float>(values[i]);
          break;
        case DType::f64:
          tensor.as<double>()[i] = values[i];
          break;
      }
    }
    workspace.bind(slot, tensor.data());
  };
  memory.reserve(64);
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    if (const auto given = inputs.find(node.attributes.text); given != inputs.end())
      bind(given->first, node.dtype, given->second);
  }
  for (const char* flat : {"parameters", "state"})
    if (const auto given = inputs.find(flat); given != inputs.end())
      bind(flat, graph.real(), given->second);

  std::vector<Tensor> results;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    results.emplace_back(outputs[i].dtype(), outputs[i].shape());
    workspace.bind(plan.slot("out" + std::to_string(i)), results.back().data());
  }
  plan.run(workspace, context);

  std::vector<Values> values;
  for (const Tensor& result : results) {
    Values v(static_cast<std::size_t>(result.size()));
    for (std::size_t i = 0; i < v.size(); ++i) {
      switch (result.dtype()) {
        case DType::i32:
          v[i] = result.as<std::int32_t>()[i];
          break;
        case DType::f32:
          v[i] = static_cast<double>(result.as<float>()[i]);
          break;
        case DType::f64:
          v[i] = result.as<double>()[i];
          break;
        default:
          fail(ErrorCode::internal, "test", "expected an output type, got another");
      }
    }
    values.push_back(std::move(v));
  }
  return values;
}

}  // namespace diabolo::testing
