// The normal distribution in graph ops; scales are log standard deviations, everywhere.
#pragma once

#include <diabolo/ops/functions.h>

namespace diabolo {

inline constexpr double kLogTwoPi = 1.8378770664093453;

/// log N(x; mean, e^log_std), one value per element of the broadcast shape, in nats.
Var normal_log_prob(Var x, Var mean, Var log_std);

/// KL(N(mean, e^log_std) || N(0, 1)) per element:  (mean^2 + std^2 - 1) / 2 - log_std.
Var normal_kl_standard(Var mean, Var log_std);

}  // namespace diabolo
