#include <diabolo/base/error.h>
#include <diabolo/kernels/per_level.h>
#include <diabolo/kernels/portable/binary_product_table.h>

namespace diabolo::kernels {
DIABOLO_PER_LEVEL(BinaryProductTable, binary_product_table)

namespace {
class BinaryProduct final : public Product {
 public:
  BinaryProduct(const ProductSpec& spec, Level level)
      : spec_(spec), table_(binary_product_table(level)), bytes_(table_.scratch_bytes(spec)) {}

  using Product::run;
  void run(const ProductArrays<float>& arrays, void* scratch) const noexcept override {
    table_.run(spec_, arrays, scratch);
  }
  std::size_t scratch_bytes() const override { return bytes_; }
  std::string_view backend() const override { return "binary"; }

 private:
  ProductSpec spec_;
  const BinaryProductTable& table_;
  std::size_t bytes_;
};

}  // namespace

std::unique_ptr<const Product> make_binary_product(const ProductSpec& spec, Level level) {
  if (!spec.binary_a || spec.dtype != DType::f32 || spec.trans_b || spec.accumulate) return nullptr;
  if (spec.gated || spec.column_sums) return nullptr;
  if (spec.m < 1 || spec.n < kFewestBinaryColumns || spec.k < 1) return nullptr;
  return std::make_unique<BinaryProduct>(spec, level);
}

}  // namespace diabolo::kernels
