// The passes over flat arrays that end a training step: fold the replicas' gradients, then update.
#pragma once

#include <diabolo/kernels/level.h>

#include <cstdint>

namespace diabolo::kernels {

/// One Adam or AdamW step (Kingma & Ba, 2015; Loshchilov & Hutter, 2019).
struct AdamStep {
  float learning_rate;
  float beta1, beta2, epsilon;
  float correction1, correction2;  // 1 / (1 - beta^t)
  float decay;                     // AdamW: learning_rate * weight_decay, else 0
  float gradient_scale;            // from clipping by norm
};

struct OptimizerKernels {
  /// out[i] = ((in[0][i] + in[1][i]) + in[2][i]) + ...; returns the sum of out^2, through lanes.
  /// `out` may be in[0].
  float (*fold)(float* out, const float* const* in, int count, std::int64_t n);
  /// parameter, m and v are updated in place. Moments below the normal range become zero.
  void (*adam)(float* parameter, const float* gradient, float* m, float* v, std::int64_t n,
               const AdamStep& step);
};

const OptimizerKernels& optimizer_kernels(Level level);

}  // namespace diabolo::kernels
