// Large matrix products through oneDNN's sgemm, in the calling thread.
//
// sgemm and not the matmul primitive: as fast to 2 % on all shapes of docs/products.md, the same in
// oneDNN 2 and 3, nothing to create per shape, and no objects that calls from several threads must
// not share. Bias and relu follow in a pass of ours: oneDNN's relu turns NaN into 0.
#include <diabolo/kernels/portable/product_table.h>

#ifdef DIABOLO_HAVE_ONEDNN

#include <diabolo/kernels/onednn/one_thread.h>
#include <diabolo/kernels/onednn/signals_held.h>
#include <oneapi/dnnl/dnnl.h>

namespace diabolo::kernels {
namespace {

bool sgemm(const ProductSpec& s, const float* a, const float* b, float* c) noexcept {
  const OneThread one_thread;
  const SignalsHeld held;
  return dnnl_sgemm(s.trans_a ? 'T' : 'N', s.trans_b ? 'T' : 'N', s.m, s.n, s.k, 1.0f, a,
                    s.trans_a ? s.m : s.k, b, s.trans_b ? s.k : s.n, s.accumulate ? 1.0f : 0.0f, c,
                    s.n) == dnnl_success;
}

// oneDNN writes its code at the first call: here, not in the middle of a run.
bool start() {
  const ProductSpec tiny{.m = 1, .n = 1, .k = 1};
  const float one = 1;
  float product = 0;
  return sgemm(tiny, &one, &one, &product) && product == 1;
}

class OnednnProduct final : public Product {
 public:
  OnednnProduct(const ProductSpec& spec, Level level)
      : spec_(spec), table_(product_table(level)), bytes_(table_.scratch_bytes(spec)) {}

  using Product::run;
  void run(const ProductArrays<float>& x, void* scratch) const noexcept override {
    if (sgemm(spec_, x.a, x.b, x.c))
      table_.finish_f32(spec_, x);
    else  // out of memory, before C was touched
      table_.run_f32(spec_, x, scratch);
  }
  std::size_t scratch_bytes() const override { return bytes_; }
  std::string_view backend() const override { return "onednn"; }

 private:
  ProductSpec spec_;
  const ProductTable& table_;
  std::size_t bytes_;
};

}  // namespace

std::unique_ptr<const Product> make_onednn_product(const ProductSpec& spec, Level level) {
  if (spec.dtype != DType::f32 || spec.m < 1 || spec.n < 1 || spec.k < 1) return nullptr;
  static const bool started = start();
  if (!started) return nullptr;
  return std::make_unique<OnednnProduct>(spec, level);
}

}  // namespace diabolo::kernels

#else

namespace diabolo::kernels {

std::unique_ptr<const Product> make_onednn_product(const ProductSpec&, Level) { return nullptr; }

}  // namespace diabolo::kernels

#endif
