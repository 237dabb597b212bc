#include <diabolo/base/error.h>
#include <diabolo/base/nearest.h>
#include <diabolo/nn/dense.h>

namespace diabolo {
namespace {

struct NamedActivation {
  const char* name;
  Activation function;
};

constexpr NamedActivation kActivations[] = {
    {"relu", relu},         {"gelu", gelu},
    {"silu", silu},         {"tanh", tanh},
    {"softplus", softplus}, {"elu", elu},
    {"sigmoid", sigmoid},   {"identity", [](Var x) { return x; }},
};

}  // namespace

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const auto& entry : kActivations) names.emplace_back(entry.name);
  return names;
}

Activation activation(std::string_view name) {
  for (const auto& entry : kActivations)
    if (name == entry.name) return entry.function;
  fail(ErrorCode::invalid_argument, "activation", "expected the name of an activation, got '{}'{}",
       name, suggestion(name, activation_names()));
}

namespace {

Var product(const Scope& scope, Var x, std::int64_t out) {
  return matmul(x, scope.parameter("weight", {x.shape()[-1], out}, {.kind = Init::glorot_uniform}));
}

}  // namespace

Var dense(const Scope& scope, Var x, std::int64_t out) { return dense(scope, Features(x), out); }

Var dense(const Scope& scope, const Features& x, std::int64_t out) {
  Var y;  // [B, out]
  // The ones first: their product has a kernel of its own, to which the other one adds.
  if (x.ones) y = product(scope / "ones", x.ones, out);
  if (x.numbers) {
    const Var numbers = product(scope, x.numbers, out);
    y = y ? y + numbers : numbers;
  }
  return y + scope.parameter("bias", {out}, {.kind = Init::constant, .value = 0});
}

Var mlp(const Scope& scope, const Features& x, const std::vector<std::int64_t>& widths,
        Activation activation) {
  Features in = x;
  for (std::size_t i = 0; i < widths.size(); ++i)
    in = activation(dense(scope / std::to_string(i), in, widths[i]));  // [B, widths[i]]
  return in.numbers;
}

}  // namespace diabolo
