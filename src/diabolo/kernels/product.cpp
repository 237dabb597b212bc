#include <diabolo/base/error.h>
#include <diabolo/kernels/per_level.h>
#include <diabolo/kernels/portable/product_table.h>

namespace diabolo::kernels {

DIABOLO_PER_LEVEL(ProductTable, product_table)

namespace {

class PortableProduct final : public Product {
 public:
  PortableProduct(const ProductSpec& spec, Level level)
      : spec_(spec), table_(product_table(level)), bytes_(table_.scratch_bytes(spec)) {}

  void run(const ProductArrays<float>& arrays, void* scratch) const noexcept override {
    table_.run_f32(spec_, arrays, scratch);
  }
  void run(const ProductArrays<double>& arrays, void* scratch) const noexcept override {
    table_.run_f64(spec_, arrays, scratch);
  }
  std::size_t scratch_bytes() const override { return bytes_; }
  std::string_view backend() const override { return "portable"; }

 private:
  ProductSpec spec_;
  const ProductTable& table_;
  std::size_t bytes_;
};

void validate(const ProductSpec& spec) {
  check(spec.m >= 0 && spec.n >= 0 && spec.k >= 0, ErrorCode::invalid_argument, "product",
        "expected sizes of at least 0, got {}x{}x{}", spec.m, spec.n, spec.k);
  check(is_float(spec.dtype), ErrorCode::unsupported, "product",
        "expected f32 or f64 operands, got {}; convert them", name(spec.dtype));
}

// The rule of Mode::fast, from the table in docs/products.md. oneDNN wins by 10 to 20 % where there
// is much to multiply; below, its start (50 ms, 7 MiB) and one allocation a call are not worth it,
// and at few columns it is slower.
constexpr std::int64_t kLargeWork = std::int64_t{1} << 20;  // multiplications
constexpr std::int64_t kNarrow = 32;                        // columns

bool wants_onednn(const ProductSpec& s) {
  if (s.dtype != DType::f32 || s.n < kNarrow || s.m == 0 || s.k == 0) return false;
  return s.n >= (kLargeWork + s.m * s.k - 1) / (s.m * s.k);
}

}  // namespace

// Rounding both operands and oneDNN's start of a call, a microsecond, cost less than is won above.
// With fewer rows or columns, rounding the other operand is as much work as the product.
bool suits_bf16(const ProductSpec& s) {
  constexpr double kLeastWork = 4e5;  // multiplications
  constexpr std::int64_t kFewestRows = 32, kFewestColumns = 16, kFewestSteps = 8;
  if (s.dtype != DType::f32) return false;
  if (s.m < kFewestRows || s.n < kFewestColumns || s.k < kFewestSteps) return false;
  return static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k) >=
         kLeastWork;
}

std::unique_ptr<const Product> make_portable_product(const ProductSpec& spec, Level level) {
  validate(spec);
  return std::make_unique<PortableProduct>(spec, level);
}

std::unique_ptr<const Product> make_product(const ProductSpec& spec, Mode mode, Level level) {
  validate(spec);
  if (spec.bf16) {
    auto product = make_bf16_product(spec, level);
    check(product != nullptr, ErrorCode::unsupported, "product",
          "expected a bfloat16 product that this processor and this build can do, got {}x{}x{}; "
          "use f32",
          spec.m, spec.n, spec.k);
    return product;
  }
  if (auto product = make_binary_product(spec, level)) return product;
  if (mode == Mode::fast && wants_onednn(spec))
    if (auto product = make_onednn_product(spec, level)) return product;
  return make_portable_product(spec, level);
}

}  // namespace diabolo::kernels
