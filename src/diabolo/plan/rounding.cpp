#include <diabolo/base/error.h>
#include <diabolo/kernels/bf16.h>
#include <diabolo/plan/rounding.h>
#include <diabolo/plan/single_steps.h>

namespace diabolo::plan {
namespace {

class RoundingStep final : public Step {
 public:
  RoundingStep(Place from, Place to, std::int64_t count, kernels::Level level)
      : kernels_(kernels::bf16_kernels(level)), from_(from), to_(to), count_(count) {
    cost.bytes = static_cast<double>(count) * (sizeof(float) + sizeof(std::uint16_t));
  }
  void run(const Frame& frame) const noexcept override {
    kernels_.round(frame.at<float>(from_), frame.at<std::uint16_t>(to_), count_);
  }
  std::string describe() const override { return fmt::format("round {} to bf16", count_); }

 private:
  const kernels::Bf16Kernels& kernels_;
  Place from_, to_;
  std::int64_t count_;
};

}  // namespace

std::map<int, Readers> values_to_round(const Graph& graph, const std::vector<Group>& groups,
                                       const PlanOptions& options) {
  std::map<int, Readers> values;
  for (std::size_t s = 0; s < groups.size(); ++s) {
    if (groups[s].kind != Group::product || !product_spec(graph, groups[s], options).bf16) continue;
    const int now = static_cast<int>(s);
    for (const int input : graph.node(groups[s].nodes[0]).inputs)
      values.try_emplace(resolve(graph, input), Readers{.first = now}).first->second.last = now;
  }
  return values;
}

std::unique_ptr<Step> make_rounding_step(Place from, Place to, std::int64_t count,
                                         kernels::Level level) {
  return std::make_unique<RoundingStep>(from, to, count, level);
}

}  // namespace diabolo::plan
