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
using Inputs = std::map<std::string, Values>;

template <class F>
auto with_type(DType dtype, F&& f) {
  switch (dtype) {
    case DType::u8:
      return f(std::uint8_t{});
    case DType::i32:
      return f(std::int32_t{});
    case DType::u64:
      return f(std::uint64_t{});
    case DType::f32:
      return f(float{});
    case DType::f64:
      break;
  }
  return f(double{});
}

inline Tensor to_tensor(DType dtype, const Values& values) {
  Tensor tensor(dtype, Shape{static_cast<std::int64_t>(values.size())});
  with_type(dtype, [&](auto zero) {
    for (std::size_t i = 0; i < values.size(); ++i)
      tensor.as<decltype(zero)>()[i] = static_cast<decltype(zero)>(values[i]);
  });
  return tensor;
}

inline Values to_values(const Tensor& tensor) {
  return with_type(tensor.dtype(), [&](auto zero) {
    const auto elements = tensor.as<decltype(zero)>();
    Values values;
    for (const auto element : elements) values.push_back(static_cast<double>(element));
    return values;
  });
}

/// A plan with memory of its own, to be run many times.
class Runner {
 public:
  Runner(const Graph& graph, std::span<const Var> outputs, const PlanOptions& options = {})
      : plan_(graph, named(outputs), options), workspace_(plan_.make_workspace()) {
    for (int id = 0; id < graph.size(); ++id) {
      const Node& node = graph.node(id);
      if (plan_.slot(node.attributes.text) >= 0) types_[node.attributes.text] = node.dtype;
    }
    types_["parameters"] = types_["state"] = graph.real();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      results_.emplace_back(outputs[i].dtype(), outputs[i].shape());
      workspace_.bind(plan_.slot(fmt::format("out{}", i)), results_.back().data());
    }
  }

  /// Inputs by name, "parameters" and "state" too if used; what the plan does not read is ignored.
  std::vector<Values> run(const Inputs& inputs, const RunContext& context = {}) {
    std::map<std::string, Tensor> memory;
    for (const auto& [name, values] : inputs) {
      const int slot = plan_.slot(name);
      if (slot < 0) continue;
      Tensor& tensor = memory[name] = to_tensor(types_.at(name), values);
      ensure(tensor.bytes() >= plan_.slot_bytes(slot), "test", "enough values for " + name);
      workspace_.bind(slot, tensor.data());
    }
    plan_.run(workspace_, context);
    std::vector<Values> values;
    for (const Tensor& result : results_) values.push_back(to_values(result));
    return values;
  }

  const Plan& plan() const { return plan_; }

 private:
  static std::vector<Output> named(std::span<const Var> outputs) {
    std::vector<Output> wanted;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      wanted.push_back({outputs[i], fmt::format("out{}", i)});
    return wanted;
  }

  Plan plan_;
  Workspace workspace_;
  std::map<std::string, DType> types_;
  std::vector<Tensor> results_;
};

inline std::vector<Values> evaluate(const Graph& graph, std::span<const Var> outputs,
                                    const Inputs& inputs, const PlanOptions& options = {},
                                    const RunContext& context = {}) {
  return Runner(graph, outputs, options).run(inputs, context);
}

}  // namespace diabolo::testing
