// A variational autoencoder's training graph, written out in graph ops: what plans are made for.
#pragma once

#include <diabolo/ops/functions.h>
#include <diabolo/plan/plan.h>
#include <fmt/core.h>

#include <vector>

namespace diabolo::testing {

/// x [B, D], u8 -> H -> z [B, Z] -> H -> logits; outputs: the loss, log_px and kl per row, and the
/// gradient of every parameter in the slot "gradient".
class VaeGraph {
 public:
  VaeGraph(std::int64_t B, std::int64_t D, std::int64_t H, std::int64_t Z, DType real = DType::f32,
           int hidden_layers = 1)
      : graph(real) {
    const Var x = cast(input(graph, "x", DType::u8, {B, D})) * (1 / 255.0);  // [B, D]
    const Var keys = input(graph, "keys", DType::u64, {B});
    Var h = x;
    for (int i = 0; i < hidden_layers; ++i) h = relu(dense(h, H));      // [B, H]
    const Var mean = dense(h, Z), log_std = clamp(dense(h, Z), -7, 7);  // [B, Z]
    const Var noise = normal_noise(keys, {B, Z}, Stream::train, "noise");
    Var d = mean + exp(log_std) * noise;                            // [B, Z]
    for (int i = 0; i < hidden_layers; ++i) d = relu(dense(d, H));  // [B, H]
    const Var logits = dense(d, D);                                 // [B, D]
    const Var log_px = sum(x * logits - softplus(logits), {1});     // [B]
    const Var kl = 0.5 * sum(square(mean) + exp(2.0 * log_std) - 2.0 * log_std - 1.0, {1});  // [B]
    const Var loss = sum(kl - log_px) * (1 / static_cast<double>(B));
    outputs = {{loss, "loss"}, {log_px, "log_px"}, {kl, "kl"}};
    const auto slopes = gradients(loss, weights);
    for (std::size_t i = 0; i < weights.size(); ++i)
      outputs.push_back({slopes[i], "gradient", weights[i].node().attributes.ints[0]});
  }

  Graph graph;
  std::vector<Var> weights;
  std::vector<Output> outputs;
  std::int64_t parameters = 0;

 private:
  Var weight(const Shape& shape) {
    weights.push_back(parameter(graph, fmt::format("w{}", weights.size()), shape, parameters));
    parameters += shape.size();
    return weights.back();
  }
  Var dense(Var x, std::int64_t width) {
    const Var w = weight({width, x.shape()[1]});
    return matmul(x, w, false, true) + weight({width});
  }
};

}  // namespace diabolo::testing
