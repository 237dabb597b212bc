// From the data's own numbers to the network's and back. Kept in the model.
//   network = (data - shift) / scale, per dimension, then perhaps binarised.
// A density in network units times 1 / scale is one in the data's units: the Jacobian that
// log_px pays back.
#pragma once

#include <diabolo/base/function_ref.h>
#include <diabolo/nn/scope.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo {

/// none, dynamic, threshold.
bool is_binarization(std::string_view name);

struct Transform {
  std::vector<double> shift{0}, scale{1};  // one number, or one per dimension
  std::string binarize = "none";           // none, dynamic, threshold

  /// [B, D] of u8 or real -> the network's real numbers, in graph ops. `noise` serves dynamic
  /// binarisation: each pixel is 1 with the probability that it shows.
  Var to_network(const Scope& scope, Var x, const NoiseSource& noise) const;
  /// log |d network / d data|, summed over `dimensions`.
  double log_jacobian(std::int64_t dimensions) const;
  /// The same for each dimension.
  std::vector<double> log_jacobians(std::int64_t dimensions) const;
  /// Rows of `dimensions` network numbers back to the data's units, in pieces that stay in cache:
  /// take(row, first dimension, numbers), in order.
  void to_data(
      std::span<const float> network, std::int64_t dimensions,
      FunctionRef<void(std::size_t row, std::size_t first, std::span<const double>)> take) const;
  double shift_of(std::int64_t d) const { return of_column(shift, d); }
  double scale_of(std::int64_t d) const { return of_column(scale, d); }

 private:
  static double of_column(const std::vector<double>& list, std::int64_t d) {
    return list[list.size() == 1 ? 0 : static_cast<std::size_t>(d)];
  }
  void piece_to_data(std::span<const float> network, std::size_t first,
                     std::span<double> data) const;
};

}  // namespace diabolo
