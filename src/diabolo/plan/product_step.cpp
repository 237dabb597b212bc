#include <diabolo/base/error.h>
#include <diabolo/kernels/product.h>
#include <diabolo/ops/ops.h>
#include <diabolo/plan/single_steps.h>

#include <algorithm>

namespace diabolo::plan {
namespace {

// Only zeros and ones: what a comparison gives, 1 - that, and those side by side.
bool is_binary(const Graph& graph, int id) {
  const Node& node = graph.node(resolve(graph, id));
  if (node.op == &ops::op<ops::Less>() || node.op == &ops::op<ops::Equal>()) return true;
  if (node.op == &ops::op<ops::Concat>())
    return std::all_of(node.inputs.begin(), node.inputs.end(),
                       [&](int part) { return is_binary(graph, part); });
  if (node.op != &ops::op<ops::Sub>()) return false;
  const Node& one = graph.node(node.inputs[0]);
  return one.op == &ops::op<ops::Constant>() && one.attributes.reals == std::vector<double>{1.0} &&
         is_binary(graph, node.inputs[1]);
}

// Where the arrays of a product lie; those that it does without have no base.
struct ProductPlaces {
  Place a, b, bias, gate, c, sums;
};

class ProductStep final : public Step {
 public:
  ProductStep(const kernels::ProductSpec& spec, const PlanOptions& options,
              const ProductPlaces& places)
      : spec_(spec),
        product_(kernels::make_product(spec, options.mode, options.level)),
        places_(places) {
    const double m = static_cast<double>(spec.m), n = static_cast<double>(spec.n),
                 k = static_cast<double>(spec.k);
    const double passes_of_c = 1 + spec.accumulate + spec.gated;
    const auto element = static_cast<double>(size_of(spec.dtype));
    const double operand = spec.bf16 ? sizeof(std::uint16_t) : element;
    cost = {2 * m * n * k, (m * k + k * n) * operand + passes_of_c * m * n * element};
  }

  void run(const Frame& frame) const noexcept override {
    if (spec_.bf16)
      product_->run(arrays<float, std::uint16_t>(frame), frame.scratch);
    else if (spec_.dtype == DType::f32)
      product_->run(arrays<float>(frame), frame.scratch);
    else
      product_->run(arrays<double>(frame), frame.scratch);
  }

  std::size_t scratch_bytes() const override { return product_->scratch_bytes(); }

  std::string describe() const override {
    return fmt::format("product {}x{}x{}{}{}{}{}{}{}{} ({})", spec_.m, spec_.n, spec_.k,
                       spec_.trans_a ? " A^T" : "", spec_.trans_b ? " B^T" : "",
                       spec_.accumulate ? " + old" : "", spec_.bias ? " + bias" : "",
                       spec_.relu ? " relu" : "", spec_.gated ? " gated" : "",
                       spec_.column_sums ? ", column sums" : "", product_->backend());
  }

 private:
  template <class T, class Operand = T>
  kernels::ProductArrays<T, Operand> arrays(const Frame& frame) const noexcept {
    const auto at = [&](const Place& place) {
      return place.base < 0 ? nullptr : frame.at<T>(place);
    };
    return {frame.at<Operand>(places_.a),
            frame.at<Operand>(places_.b),
            at(places_.bias),
            at(places_.gate),
            at(places_.c),
            at(places_.sums)};
  }

  kernels::ProductSpec spec_;
  std::unique_ptr<const kernels::Product> product_;
  ProductPlaces places_;
};

}  // namespace

kernels::ProductSpec product_spec(const Graph& graph, const Group& group,
                                  const PlanOptions& options) {
  const Node& node = graph.node(group.nodes[0]);
  const Shape& a = graph.node(node.inputs[0]).shape;
  kernels::ProductSpec spec;
  spec.trans_a = node.attributes.ints[0] != 0;
  spec.trans_b = node.attributes.ints[1] != 0;
  spec.m = node.shape[0];
  spec.n = node.shape[1];
  spec.k = a[spec.trans_a ? 0 : 1];
  spec.accumulate = group.epilogue.old >= 0;
  spec.bias = group.epilogue.bias >= 0;
  spec.relu = group.epilogue.relu;
  spec.gated = group.epilogue.gate >= 0;
  spec.column_sums = group.epilogue.sums >= 0;
  spec.binary_a = is_binary(graph, node.inputs[0]);
  spec.dtype = graph.real();
  spec.bf16 = options.precision == kernels::Precision::bf16 &&
              options.mode == kernels::Mode::fast && kernels::suits_bf16(spec);
  return spec;
}

std::unique_ptr<Step> make_product_step(const Graph& graph, const Group& group,
                                        const std::map<int, Place>& place_of,
                                        const std::map<int, Place>& rounded,
                                        const PlanOptions& options) {
  const Node& node = graph.node(group.nodes[0]);
  const kernels::ProductSpec spec = product_spec(graph, group, options);
  const auto place = [&](int id) { return id < 0 ? Place{} : place_of.at(resolve(graph, id)); };
  const auto operand = [&](std::size_t i) {
    return (spec.bf16 ? rounded : place_of).at(resolve(graph, node.inputs[i]));
  };
  return std::make_unique<ProductStep>(spec, options,
                                       ProductPlaces{.a = operand(0),
                                                     .b = operand(1),
                                                     .bias = place(group.epilogue.bias),
                                                     .gate = place(group.epilogue.gate),
                                                     .c = place(group.epilogue.value),
                                                     .sums = place(group.epilogue.sums)});
}

}  // namespace diabolo::plan
