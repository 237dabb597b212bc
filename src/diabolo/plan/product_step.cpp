#include <diabolo/base/error.h>
#include <diabolo/kernels/product.h>
#include <diabolo/ops/ops.h>
#include <diabolo/plan/single_steps.h>

namespace diabolo::plan {
namespace {

// Only zeros and ones: what a comparison gives, and 1 - that.
bool is_binary(const Graph& graph, int id) {
  const Node& node = graph.node(resolve(graph, id));
  if (node.op == &ops::op<ops::Less>()) return true;
  if (node.op != &ops::op<ops::Sub>()) return false;
  const Node& one = graph.node(node.inputs[0]);
  return one.op == &ops::op<ops::Constant>() && one.attributes.reals == std::vector<double>{1.0} &&
         is_binary(graph, node.inputs[1]);
}

class ProductStep final : public Step {
 public:
  ProductStep(const kernels::ProductSpec& spec, const PlanOptions& options, Place a, Place b,
              Place bias, Place c)
      : spec_(spec),
        product_(kernels::make_product(spec, options.mode, options.level)),
        a_(a),
        b_(b),
        bias_(bias),
        c_(c) {
    const double m = static_cast<double>(spec.m), n = static_cast<double>(spec.n),
                 k = static_cast<double>(spec.k);
    cost = {2 * m * n * k, (m * k + k * n + m * n) * static_cast<double>(size_of(spec.dtype))};
  }

  void run(const Frame& frame) const noexcept override {
    product_->run(frame.at<void>(a_), frame.at<void>(b_),
                  spec_.bias ? frame.at<void>(bias_) : nullptr, frame.at<void>(c_), frame.scratch);
  }

  std::size_t scratch_bytes() const override { return product_->scratch_bytes(); }

  std::string describe() const override {
    return fmt::format("product {}x{}x{}{}{}{}{} ({})", spec_.m, spec_.n, spec_.k,
                       spec_.trans_a ? " A^T" : "", spec_.trans_b ? " B^T" : "",
                       spec_.bias ? " + bias" : "", spec_.relu ? " relu" : "", product_->backend());
  }

 private:
  kernels::ProductSpec spec_;
  std::unique_ptr<const kernels::Product> product_;
  Place a_, b_, bias_, c_;
};

}  // namespace

std::unique_ptr<Step> make_product_step(const Graph& graph, const Group& group,
                                        const std::map<int, Place>& place_of,
                                        const PlanOptions& options) {
  const Node& node = graph.node(group.nodes[0]);
  const Shape& a = graph.node(node.inputs[0]).shape;
  kernels::ProductSpec spec;
  spec.trans_a = node.attributes.ints[0] != 0;
  spec.trans_b = node.attributes.ints[1] != 0;
  spec.m = node.shape[0];
  spec.n = node.shape[1];
  spec.k = a[spec.trans_a ? 0 : 1];
  spec.bias = group.nodes.size() > 1;
  spec.relu = group.nodes.size() > 2;
  spec.binary_a = is_binary(graph, node.inputs[0]);
  spec.dtype = graph.real();
  const auto place = [&](int id) { return place_of.at(resolve(graph, id)); };
  Place bias;
  if (spec.bias) {
    const Node& add = graph.node(group.nodes[1]);
    bias = place(add.inputs[0] == group.nodes[0] ? add.inputs[1] : add.inputs[0]);
  }
  return std::make_unique<ProductStep>(spec, options, place(node.inputs[0]), place(node.inputs[1]),
                                       bias, place(group.nodes.back()));
}

}  // namespace diabolo::plan
