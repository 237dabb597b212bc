// What portable/product.cpp offers to code that is compiled once: one table per level.
#pragma once

#include <diabolo/kernels/product.h>

namespace diabolo::kernels {

struct ProductTable {
  std::size_t (*scratch_bytes)(const ProductSpec& spec);
  void (*run_f32)(const ProductSpec& spec, const ProductArrays<float>& arrays,
                  void* scratch) noexcept;
  void (*run_f64)(const ProductSpec& spec, const ProductArrays<double>& arrays,
                  void* scratch) noexcept;
  /// What follows the sums in C, bias and so on, for products that another library computed.
  void (*finish_f32)(const ProductSpec& spec, const ProductArrays<float>& arrays) noexcept;
};

/// The table of `level`, which this processor must have.
const ProductTable& product_table(Level level);

}  // namespace diabolo::kernels
