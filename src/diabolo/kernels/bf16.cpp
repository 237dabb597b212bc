#include <diabolo/kernels/bf16.h>

namespace diabolo::kernels {

#define DIABOLO_DECLARE(level)                                                       \
  namespace level {                                                                  \
  void round_to_bf16(const float* from, std::uint16_t* to, std::int64_t n) noexcept; \
  }
DIABOLO_DECLARE(v2)
#if defined(__x86_64__)
DIABOLO_DECLARE(v3)
DIABOLO_DECLARE(v4)
#endif
#undef DIABOLO_DECLARE

RoundToBf16 round_to_bf16([[maybe_unused]] Level level) {
#if defined(__x86_64__)
  if (level == Level::v4) return v4::round_to_bf16;
  if (level == Level::v3) return v3::round_to_bf16;
#endif
  return v2::round_to_bf16;
}

}  // namespace diabolo::kernels
