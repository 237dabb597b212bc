// Matrix products: C[M,N] = op(A)[M,K] op(B)[K,N], then + old C, then + bias[N], then relu, then a
// gate[M,N] that lets through where it is above 0; and the sums of C's columns.
//
// Dense row-major operands: A is [m,k], or [k,m] with trans_a; B is [k,n], or [n,k] with trans_b.
// Portable products are part of `numerics: 1`: an element is one running sum over k = 0..K-1 that
// starts from 0, each product rounded before it is added (no fused multiply-add); then old C + sum;
// then sum + bias; then relu(x) = x > 0 ? x : 0, NaN for NaN; then gate > 0 ? x : 0. A column is
// summed from 0, row by row. So the bits depend on neither blocking, level, vector width nor
// threads: work is split over outputs, never over k.
#pragma once

#include <diabolo/kernels/level.h>
#include <diabolo/kernels/mode.h>
#include <diabolo/tensor/dtype.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace diabolo::kernels {

struct ProductSpec {
  std::int64_t m = 0, n = 0, k = 0;
  bool trans_a = false, trans_b = false;
  bool accumulate = false;  ///< add to what C holds instead of overwriting it
  bool bias = false;        ///< add bias[n] to every row
  bool relu = false;
  bool gated = false;        ///< an element stays where its gate[m,n] is above 0, else it is 0
  bool column_sums = false;  ///< write the sums of C's columns to sums[n]
  bool binary_a = false;     ///< A holds only zeros and ones
  bool bf16 = false;         ///< A and B are bfloat16; the rest is f32
  DType dtype = DType::f32;
};

/// The arrays of a product. What is read must not overlap C and the sums; bias, gate and sums are
/// used only if the spec says so.
template <class T, class Operand = T>
struct ProductArrays {
  const Operand* a = nullptr;
  const Operand* b = nullptr;
  const T* bias = nullptr;
  const T* gate = nullptr;
  T* c = nullptr;
  T* sums = nullptr;
};

class Product {
 public:
  virtual ~Product() = default;

  /// Computes C, in the types of the spec; the others do nothing. `scratch`: scratch_bytes()
  /// bytes aligned to kAlignment. Runs in the calling thread; safe from several threads at once if
  /// each has its own scratch.
  virtual void run(const ProductArrays<float>&, void* /*scratch*/) const noexcept {}
  virtual void run(const ProductArrays<double>&, void* /*scratch*/) const noexcept {}
  virtual void run(const ProductArrays<float, std::uint16_t>&, void* /*scratch*/) const noexcept {}
  virtual std::size_t scratch_bytes() const = 0;
  /// "portable", "binary", "onednn" or "bf16".
  virtual std::string_view backend() const = 0;
};

/// The kernel for `spec`, by a rule of the spec alone (docs/products.md): bf16 if the spec says so;
/// binary if A is and there is one; portable for Mode reproducible, for f64 and for small or narrow
/// products; else oneDNN, if this build has it. Throws `invalid_argument` for a negative size,
/// `unsupported` for a type that is not f32 or f64, and for bf16 where there is no kernel for it.
std::unique_ptr<const Product> make_product(const ProductSpec& spec, Mode mode, Level level);

/// The portable kernel; allocates nothing in run().
std::unique_ptr<const Product> make_portable_product(const ProductSpec& spec, Level level);

/// The kernel for an A of zeros and ones, with the bits of the portable one for finite B; null
/// unless spec.binary_a and for f64, B^T, accumulation, a gate, sums of columns and less than
/// kFewestBinaryColumns columns.
inline constexpr std::int64_t kFewestBinaryColumns = 16;
std::unique_ptr<const Product> make_binary_product(const ProductSpec& spec, Level level);

/// oneDNN's kernel, or null if this build has none or it does not do `spec` (f64, an empty side).
/// The first call starts oneDNN, about 50 ms. run() computes portably should oneDNN ever fail.
std::unique_ptr<const Product> make_onednn_product(const ProductSpec& spec, Level level);

/// The kernel for operands in bfloat16 (bf16.h), or null if this build or processor has
/// none or it does not do `spec` (f64, an empty side). Should oneDNN ever fail, C is NaN.
std::unique_ptr<const Product> make_bf16_product(const ProductSpec& spec, Level level);

/// The rule of Precision::bf16: is this product of f32 faster so, the rounding of A and B included?
bool suits_bf16(const ProductSpec& spec);

}  // namespace diabolo::kernels
