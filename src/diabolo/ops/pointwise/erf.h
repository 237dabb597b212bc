// Error function.      d/dx = 2 / sqrt(pi) e^(-x^2)
#pragma once

#include <diabolo/ops/pointwise.h>

namespace diabolo::ops {

struct Erf final : Pointwise1<Erf> {
  static constexpr std::string_view kName = "erf";
  template <class T>
  DIABOLO_INLINE static T forward(T x) {
    return math::erf(x);
  }
  static Var grad(Var x, Var /*y*/, Var dy) { return dy * 1.1283791670955126 * exp(-(x * x)); }
};

}  // namespace diabolo::ops
