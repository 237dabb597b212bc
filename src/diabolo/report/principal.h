// The two directions along which codes vary most, for a map in two dimensions: principal
// components, by orthogonal iteration.
#pragma once

#include <diabolo/tensor/tensor.h>

#include <vector>

namespace diabolo {

struct Principal {
  std::vector<double> x, y;             ///< of each row, around 0
  double x_share = 0, y_share = 0;      ///< of the variance of all latents
  std::vector<double> mean, deviation;  ///< of each latent over the rows
};

/// `codes` [N, Z] f32, N >= 1, Z >= 1; with Z = 1 all of y is 0. The directions are those of 10,000
/// rows at most.
Principal principal_two(const Tensor& codes);

}  // namespace diabolo
