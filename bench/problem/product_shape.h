// Shapes of products as the benches are told them, and operands for them.
#pragma once

#include <diabolo/kernels/product.h>
#include <diabolo/tensor/buffer.h>

#include <string>

namespace bench {

/// "MxNxK[ta][tb][+bias][+relu][+old][+gate][+sums]": A or B transposed, and what follows the sums.
diabolo::kernels::ProductSpec parse_product(const std::string& text);

/// `count` floats in [-0.5, 0.5).
diabolo::Buffer some_floats(std::int64_t count);

}  // namespace bench
