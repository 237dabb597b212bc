// Matrix products: C[M,N] = op(A)[M,K] op(B)[K,N], then + old C, then + bias[N], then relu.
//
// Dense row-major operands: A is [m,k], or [k,m] with trans_a; B is [k,n], or [n,k] with trans_b.
// Portable products are part of `numerics: 1`: an element is one running sum over k = 0..K-1 that
// starts from 0, each product rounded before it is added (no fused multiply-add); then old C + sum;
// then sum + bias; then relu(x) = x > 0 ? x : 0, NaN for NaN. So the bits depend on neither
// blocking, level, vector width nor threads: work is split over outputs, never over k.
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
  bool binary_a = false;  ///< A holds only zeros and ones
  DType dtype = DType::f32;
};

class Product {
 public:
  virtual ~Product() = default;

  /// Computes C; A, B and bias must not overlap it. `bias` is read only if the spec says so.
  /// `scratch`: scratch_bytes() bytes aligned to kAlignment. Runs in the calling thread; safe from
  /// several threads at once if each has its own scratch.
  virtual void run(const void* a, const void* b, const void* bias, void* c,
                   void* scratch) const noexcept = 0;
  virtual std::size_t scratch_bytes() const = 0;
  /// "portable", "binary" or "onednn".
  virtual std::string_view backend() const = 0;
};

/// The kernel for `spec`, by a rule of the spec alone (docs/products.md): binary if A is and there
/// is one; portable for Mode reproducible, for f64 and for small or narrow products; else oneDNN,
/// if this build has it. Throws `invalid_argument` for a negative size, `unsupported` for a type
/// that is not f32 or f64.
std::unique_ptr<const Product> make_product(const ProductSpec& spec, Mode mode, Level level);

/// The portable kernel; allocates nothing in run().
std::unique_ptr<const Product> make_portable_product(const ProductSpec& spec, Level level);

/// The kernel for an A of zeros and ones, with the bits of the portable one for finite B; null
/// unless spec.binary_a and for f64, B^T, accumulation and less than kFewestBinaryColumns columns.
inline constexpr std::int64_t kFewestBinaryColumns = 16;
std::unique_ptr<const Product> make_binary_product(const ProductSpec& spec, Level level);

/// oneDNN's kernel, or null if this build has none or it does not do `spec` (f64, an empty side).
/// The first call starts oneDNN, about 50 ms. run() computes portably should oneDNN ever fail.
std::unique_ptr<const Product> make_onednn_product(const ProductSpec& spec, Level level);

}  // namespace diabolo::kernels
