// Bound by memory: each pass reads and writes every array once. Moments decay towards zero where a
// gradient stays zero; denormal numbers would slow the pass threefold, so they are cut by
// comparison.
#include <diabolo/base/math.h>
#include <diabolo/kernels/optimizer.h>

namespace diabolo::kernels::DIABOLO_LEVEL {

constexpr int kLanes = 16;
constexpr float kSmallest = 1.17549435e-38f;  // the smallest normal number

// A vector type: as loops over arrays of lanes the compiler takes these sums apart, which made
// the pass five times as slow.
typedef float Lanes
    __attribute__((vector_size(kLanes * sizeof(float)), aligned(alignof(float)), may_alias));

float fold(float* out, const float* const* in, int count, std::int64_t n) {
  const auto at = [](const float* x) -> const Lanes& { return *reinterpret_cast<const Lanes*>(x); };
  Lanes squares = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    Lanes sum = at(in[0] + i);
    for (int k = 1; k < count; ++k) sum += at(in[k] + i);
    *reinterpret_cast<Lanes*>(out + i) = sum;
    squares += sum * sum;
  }
  for (int l = 0; i + l < n; ++l) {
    float sum = in[0][i + l];
    for (int k = 1; k < count; ++k) sum += in[k][i + l];
    out[i + l] = sum;
    squares[l] += sum * sum;
  }
  for (int width = kLanes / 2; width >= 1; width /= 2)
    for (int l = 0; l < width; ++l) squares[l] += squares[l + width];
  return squares[0];
}

void adam(float* __restrict parameter, const float* __restrict gradient, float* __restrict m,
          float* __restrict v, std::int64_t n, const AdamStep& step) {
  const AdamStep s = step;
  for (std::int64_t i = 0; i < n; ++i) {
    const float g = gradient[i] * s.gradient_scale;
    float mi = s.beta1 * m[i] + (1 - s.beta1) * g;
    float vi = s.beta2 * v[i] + (1 - s.beta2) * (g * g);
    mi = math::abs(mi) < kSmallest ? 0.0f : mi;
    vi = vi < kSmallest ? 0.0f : vi;
    m[i] = mi;
    v[i] = vi;
    const float scale = math::sqrt(vi * s.correction2) + s.epsilon;
    const float p = parameter[i] - s.decay * parameter[i];
    parameter[i] = p - s.learning_rate * (mi * s.correction1) / scale;
  }
}

const OptimizerKernels& optimizer_kernels() {
  static constexpr OptimizerKernels kernels{fold, adam};
  return kernels;
}

}  // namespace diabolo::kernels::DIABOLO_LEVEL
