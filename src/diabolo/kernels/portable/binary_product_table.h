// What portable/binary_product.cpp offers to code that is compiled once: one table per level.
#pragma once

#include <diabolo/kernels/product.h>

namespace diabolo::kernels {

struct BinaryProductTable {
  std::size_t (*scratch_bytes)(const ProductSpec& spec);
  void (*run)(const ProductSpec& spec, const ProductArrays<float>& arrays, void* scratch) noexcept;
};

}  // namespace diabolo::kernels
