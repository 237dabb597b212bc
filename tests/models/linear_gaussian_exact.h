// What is known exactly of x = b + W z + s e, z ~ N(0, I), when some of x are missing: the density
// of the others, and the normal of the missing ones given them.
#pragma once

#include <array>
#include <cmath>
#include <vector>

namespace diabolo::testing {

struct LinearGaussianExact {
  static constexpr int D = 4, Z = 2;
  // [D, Z], [D].
  std::array<std::array<double, Z>, D> w = {{{1.0, 0.5}, {-0.5, 1.0}, {0.8, 0.6}, {0.3, -1.6}}};
  std::array<double, D> bias = {0.2, -0.1, 0.4, 0.0};
  double scale = 0.7;

  double covariance(int i, int j) const {
    double sum = i == j ? scale * scale : 0;
    for (int z = 0; z < Z; ++z) sum += w[at(i)][at(z)] * w[at(j)][at(z)];
    return sum;
  }

  struct Given {
    double log_p = 0;                    // of the observed
    std::array<double, D> mean{}, sd{};  // of each missing value given them
  };
  /// By conditioning on one observed value after another.
  Given given(const double* x) const {
    double c[D][D], m[D];
    for (int i = 0; i < D; ++i) {
      m[i] = bias[at(i)];
      for (int j = 0; j < D; ++j) c[i][j] = covariance(i, j);
    }
    Given result;
    for (int k = 0; k < D; ++k) {
      if (std::isnan(x[k])) continue;
      const double v = c[k][k], r = x[k] - m[k];
      result.log_p -= 0.5 * (r * r / v + std::log(2 * M_PI * v));
      double gain[D];
      for (int i = 0; i < D; ++i) gain[i] = c[i][k] / v;
      for (int i = 0; i < D; ++i) {
        m[i] += gain[i] * r;
        for (int j = 0; j < D; ++j) c[i][j] -= gain[i] * gain[j] * v;
      }
    }
    for (int i = 0; i < D; ++i) {
      result.mean[at(i)] = m[i];
      result.sd[at(i)] = std::sqrt(std::max(c[i][i], 0.0));
    }
    return result;
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
};

}  // namespace diabolo::testing
