// What portable/product.cpp offers to code that is compiled once: one table per level.
#pragma once

#include <diabolo/kernels/product.h>

namespace diabolo::kernels {

struct ProductTable {
  std::size_t (*scratch_bytes)(const ProductSpec& spec);
  void (*run_f32)(const ProductSpec& spec, const float* a, const float* b, const float* bias,
                  float* c, void* scratch) noexcept;
  void (*run_f64)(const ProductSpec& spec, const double* a, const double* b, const double* bias,
                  double* c, void* scratch) noexcept;
  /// C = relu(C + bias), each part if wanted, for products that another library computed.
  void (*finish_f32)(float* c, std::int64_t rows, std::int64_t cols, const float* bias,
                     bool relu) noexcept;
};

/// The table of `level`, which this processor must have.
const ProductTable& product_table(Level level);

}  // namespace diabolo::kernels
