#include <diabolo/prob/normal.h>

namespace diabolo {

Var normal_log_prob(Var x, Var mean, Var log_std) {
  return -0.5 * square((x - mean) * exp(-log_std)) - log_std - 0.5 * kLogTwoPi;
}

Var normal_kl_standard(Var mean, Var log_std) {
  return 0.5 * (square(mean) + exp(2.0 * log_std) - 1.0) - log_std;
}

}  // namespace diabolo
