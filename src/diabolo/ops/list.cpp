#include <diabolo/ops/list.h>
#include <diabolo/ops/ops.h>

#include <array>

namespace diabolo::ops {
namespace {

#define DIABOLO_COUNT(Name) +1
constexpr int kPointwise = DIABOLO_POINTWISE_OPS(DIABOLO_COUNT);
#undef DIABOLO_COUNT

}  // namespace

std::span<const Op* const> all_ops() {
#define DIABOLO_INSTANCE(Name) static_cast<const Op*>(&op<Name>()),
  static const std::array list = {DIABOLO_POINTWISE_OPS(DIABOLO_INSTANCE)
                                      DIABOLO_OTHER_OPS(DIABOLO_INSTANCE)};
#undef DIABOLO_INSTANCE
  return list;
}

int pointwise_index(const Op& op) {
  const auto list = all_ops();
  for (int i = 0; i < kPointwise; ++i)
    if (list[static_cast<std::size_t>(i)] == &op) return i;
  return -1;
}

}  // namespace diabolo::ops
