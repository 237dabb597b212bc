// Matrix products in bfloat16 through oneDNN's matmul primitive, in the calling thread.
//
// Sums and C are f32; bias and what else there is follow in a pass of ours. There is no public gemm
// for bfloat16, hence a primitive a shape. It is shared by threads: all that a call writes to is
// its own.
#include <diabolo/kernels/bf16.h>
#include <diabolo/kernels/portable/product_table.h>

#ifdef DIABOLO_HAVE_ONEDNN

#include <diabolo/kernels/onednn/one_thread.h>
#include <diabolo/kernels/onednn/signals_held.h>
#include <diabolo/tensor/buffer.h>

#include <algorithm>
#include <limits>
#include <oneapi/dnnl/dnnl.hpp>

namespace diabolo::kernels {
namespace {

using dnnl::matmul;
using dnnl::memory;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// The one difference between oneDNN 2 and 3.
matmul::primitive_desc describe(const memory::desc& a, const memory::desc& b, const memory::desc& c,
                                const dnnl::primitive_attr& attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return {cpu(), a, b, c, attributes};
#else
  return {matmul::desc(a, b, c), attributes, cpu()};
#endif
}

matmul::primitive_desc describe(const ProductSpec& s) {
  using Tag = memory::format_tag;
  const auto operand = [](std::int64_t rows, std::int64_t cols, bool transposed) {
    return memory::desc({rows, cols}, memory::data_type::bf16, transposed ? Tag::ba : Tag::ab);
  };
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (s.accumulate) {
    dnnl::post_ops add_old;
    add_old.append_sum(1);
    attributes.set_post_ops(add_old);
  }
  const OneThread one_thread;  // a primitive is made for a number of threads
  return describe(operand(s.m, s.k, s.trans_a), operand(s.k, s.n, s.trans_b),
                  memory::desc({s.m, s.n}, memory::data_type::f32, Tag::ab), attributes);
}

class Bf16Product final : public Product {
 public:
  Bf16Product(const ProductSpec& spec, Level level)
      : spec_(spec), finish_(product_table(level).finish_f32), description_(describe(spec)) {
    const OneThread one_thread;
    matmul_ = matmul(description_);
  }

  using Product::run;
  void run(const ProductArrays<float, std::uint16_t>& x, void* scratch) const noexcept override {
    // Out of memory, and A and B are not there as f32: a step that meets NaN is refused.
    if (!multiply(x.a, x.b, x.c, scratch))
      std::fill_n(x.c, spec_.m * spec_.n, std::numeric_limits<float>::quiet_NaN());
    finish_(spec_, {nullptr, nullptr, x.bias, x.gate, x.c, x.sums});
  }
  std::size_t scratch_bytes() const override { return description_.scratchpad_desc().get_size(); }
  std::string_view backend() const override { return "bf16"; }

 private:
  bool multiply(const void* a, const void* b, void* c, void* pad) const noexcept try {
    const auto at = [](const memory::desc& array, const void* place) {
      return memory(array, cpu(), const_cast<void*>(place));  // A and B are only read
    };
    const OneThread one_thread;
    const SignalsHeld held;
    dnnl::stream stream(cpu());
    matmul_.execute(stream, {{DNNL_ARG_SRC, at(description_.src_desc(), a)},
                             {DNNL_ARG_WEIGHTS, at(description_.weights_desc(), b)},
                             {DNNL_ARG_DST, at(description_.dst_desc(), c)},
                             {DNNL_ARG_SCRATCHPAD, at(description_.scratchpad_desc(), pad)}});
    stream.wait();
    return true;
  } catch (...) {
    return false;
  }

  ProductSpec spec_;
  void (*finish_)(const ProductSpec&, const ProductArrays<float>&) noexcept;
  matmul::primitive_desc description_;
  matmul matmul_;
};

// The instruction sets that oneDNN may use: those of the processor, unless the environment says
// less (ONEDNN_MAX_CPU_ISA). Without the right one it has no kernel, or a slow one.
bool multiplies_bf16() {
  constexpr auto kNeeded = static_cast<unsigned>(dnnl_cpu_isa_avx512_core_bf16);
  return (static_cast<unsigned>(dnnl_get_effective_cpu_isa()) & kNeeded) == kNeeded;
}

// As for f32, oneDNN writes its code here and not in the middle of a run.
bool start() noexcept try {
  const ProductSpec tiny{.m = 1, .n = 1, .k = 1, .bf16 = true};
  const Bf16Product product(tiny, best_level());
  Buffer scratch(product.scratch_bytes());
  const std::uint16_t two = 0x4000, three = 0x4040;
  float six = 0;
  product.run({&two, &three, nullptr, nullptr, &six, nullptr}, scratch.data());
  return six == 6;
} catch (...) {
  return false;
}

}  // namespace

std::string_view bf16_hindrance() {
  static const bool have = multiplies_bf16() && start();
  return have ? "" : "a processor without AVX512-BF16 (or ONEDNN_MAX_CPU_ISA forbids it)";
}

std::unique_ptr<const Product> make_bf16_product(const ProductSpec& spec, Level level) {
  if (spec.dtype != DType::f32 || spec.m < 1 || spec.n < 1 || spec.k < 1) return nullptr;
  if (!have_bf16()) return nullptr;
  return std::make_unique<Bf16Product>(spec, level);
}

}  // namespace diabolo::kernels

#else

namespace diabolo::kernels {

std::string_view bf16_hindrance() { return "a build without oneDNN"; }

std::unique_ptr<const Product> make_bf16_product(const ProductSpec&, Level) { return nullptr; }

}  // namespace diabolo::kernels

#endif
