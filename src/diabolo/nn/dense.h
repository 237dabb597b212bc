// Dense layers and perceptrons made of them.
#pragma once

#include <diabolo/nn/network.h>
#include <diabolo/nn/scope.h>

#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

using Activation = Var (*)(Var);

/// relu, gelu, silu, tanh, softplus, elu, sigmoid, identity. Throws `invalid_argument` naming the
/// nearest known one.
Activation activation(std::string_view name);
std::vector<std::string> activation_names();

/// x W + b: [B, in] -> [B, out]. Parameters `weight` [in, out] (Glorot) and `bias` [out] (zero).
Var dense(const Scope& scope, Var x, std::int64_t out);
/// The same for numbers and ones; these have a `weight` of their own, in the scope "ones".
Var dense(const Scope& scope, const Features& x, std::int64_t out);

/// Dense layers of the given widths, each followed by the activation: [B, in] -> [B,
/// widths.back()].
Var mlp(const Scope& scope, const Features& x, const std::vector<std::int64_t>& widths,
        Activation activation);

}  // namespace diabolo
