// The loops of loops.h for one level (-DLEVEL=v3 -DLEVEL_v3). Ours are plain loops which the
// compiler vectorises; SLEEF is called with the vectors of the level. SLEEF 3.5 has no
// deterministic functions for AVX2: what it has for 8 floats uses AVX, integer work in halves.
#include "loops.h"

#include <diabolo/base/math.h>

#ifdef DIABOLO_HAVE_SLEEF
#include <sleef.h>

#include <immintrin.h>
#if defined(LEVEL_v4)
#define WIDTH 16
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define SLEEF(name, error) Sleef_cinz_##name##f16_##error##avx512fnofma
#elif defined(LEVEL_v3)
#define WIDTH 8
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define SLEEF(name, error) Sleef_cinz_##name##f8_##error##avx
#else
#define WIDTH 4
#define LOAD _mm_loadu_ps
#define STORE _mm_storeu_ps
#define SLEEF(name, error) Sleef_cinz_##name##f4_##error##sse4
#endif
#define SLEEF_LOOP(name, error)                                                                 \
  [](const float* x, float* y, long n) {                                                        \
    for (long i = 0; i + WIDTH <= n; i += WIDTH) STORE(y + i, SLEEF(name, error)(LOAD(x + i))); \
  }
#else
#define SLEEF_LOOP(name, error) nullptr
#endif

#define OURS(name)                                                 \
  [](const float* __restrict x, float* __restrict y, long n) {     \
    for (long i = 0; i < n; ++i) y[i] = diabolo::math::name(x[i]); \
  }
#define C_LIBRARY(expression)            \
  [](const float* x, float* y, long n) { \
    for (long i = 0; i < n; ++i) {       \
      const float a = x[i];              \
      y[i] = expression;                 \
    }                                    \
  }

namespace bench::LEVEL {

// Binary cross-entropy with logits and its gradient, for a target in the second half of x.
void cross_entropy(const float* __restrict x, float* __restrict y, long n) {
  const long half = n / 2;
  for (long i = 0; i < half; ++i) {
    const float logit = x[i], target = x[half + i];
    y[i] = diabolo::math::softplus(logit) - logit * target;
    y[half + i] = diabolo::math::sigmoid(logit) - target;
  }
}

const Row rows[kRows] = {
    {"exp", -20, 20, OURS(exp), SLEEF_LOOP(exp, u10), C_LIBRARY(expf(a))},
    {"expm1", -20, 20, OURS(expm1), SLEEF_LOOP(expm1, u10), C_LIBRARY(expm1f(a))},
    {"log", 0, 20, OURS(log), SLEEF_LOOP(log, u10), C_LIBRARY(logf(a))},
    {"log1p", 0, 20, OURS(log1p), SLEEF_LOOP(log1p, u10), C_LIBRARY(log1pf(a))},
    {"tanh", -5, 5, OURS(tanh), SLEEF_LOOP(tanh, u10), C_LIBRARY(tanhf(a))},
    {"sigmoid", -10, 10, OURS(sigmoid), nullptr, C_LIBRARY(1 / (1 + expf(-a)))},
    {"softplus", -10, 10, OURS(softplus), nullptr,
     C_LIBRARY(fmaxf(a, 0) + log1pf(expf(-fabsf(a))))},
    {"erf", -4, 4, OURS(erf), SLEEF_LOOP(erf, u10), C_LIBRARY(erff(a))},
    {"sin", -20, 20, OURS(sin), SLEEF_LOOP(sin, u10), C_LIBRARY(sinf(a))},
    {"cos", -20, 20, OURS(cos), SLEEF_LOOP(cos, u10), C_LIBRARY(cosf(a))},
    {"sin_2pi", 0, 1, OURS(sin_2pi), nullptr, C_LIBRARY(sinf(6.2831853f * a))},
    {"lgamma", 0, 20, OURS(lgamma), SLEEF_LOOP(lgamma, u10), C_LIBRARY(lgammaf(a))},
    {"digamma", 0, 20, OURS(digamma), nullptr, nullptr},
    {"floor", -20, 20, OURS(floor), nullptr, nullptr},
    {"cross-entropy and gradient", -1, 1, cross_entropy, nullptr, nullptr},
};

}  // namespace bench::LEVEL
