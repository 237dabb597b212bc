#include <ceiling/triad.h>

namespace bench {

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void triad(float* __restrict a, const float* __restrict b, const float* __restrict c,
           std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) a[i] = b[i] + 3.0f * c[i];
}

}  // namespace bench
