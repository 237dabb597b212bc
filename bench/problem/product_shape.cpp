#include <diabolo/base/error.h>

#include <problem/product_shape.h>
#include <cstdio>
#include <cstring>

namespace bench {

using namespace diabolo;

kernels::ProductSpec parse_product(const std::string& text) {
  char flags[32] = {};
  long m = 0, n = 0, k = 0;
  const int got = std::sscanf(text.c_str(), "%ldx%ldx%ld%31s", &m, &n, &k, flags);
  check(got >= 3, ErrorCode::invalid_argument, "bench",
        "expected MxNxK[ta][tb][+bias][+relu][+old][+gate][+sums], got {}", text);
  kernels::ProductSpec spec{.m = m, .n = n, .k = k};
  const auto has = [&](const char* flag) { return std::strstr(flags, flag) != nullptr; };
  spec.trans_a = has("ta"), spec.trans_b = has("tb");
  spec.accumulate = has("old"), spec.bias = has("bias"), spec.relu = has("relu");
  spec.gated = has("gate"), spec.column_sums = has("sums");
  return spec;
}

Buffer some_floats(std::int64_t count) {
  Buffer buffer(static_cast<std::size_t>(count) * sizeof(float));
  auto* p = reinterpret_cast<float*>(buffer.data());
  for (std::int64_t i = 0; i < count; ++i) p[i] = static_cast<float>(i * 7919 % 1009) / 1009 - 0.5f;
  return buffer;
}

}  // namespace bench
