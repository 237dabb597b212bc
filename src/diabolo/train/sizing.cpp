#include <diabolo/train/sizing.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

// Epochs of about so many rows in all.
std::int64_t epochs_for(std::int64_t rows_in_all, std::int64_t rows, std::int64_t least,
                        std::int64_t most) {
  return std::clamp(rows_in_all / std::max<std::int64_t>(rows, 1), least, most);
}

Sizing of_tables(std::int64_t N, std::int64_t D, bool is_array) {
  const double root = std::sqrt(static_cast<double>(D));
  const auto latent = std::llround(std::min(static_cast<double>(D) / 2, 2 * root));
  const std::int64_t width = D <= 64 ? 128 : 256;
  return {
      .latent = std::clamp<std::int64_t>(latent, 2, 32),
      .hidden = {width, width},
      .batch_size = N < 5000     ? 64
                    : N < 20000  ? 128
                    : N < 200000 ? 256
                                 : 512,
      .epochs = is_array ? epochs_for(4'000'000, N, 10, 1000) : epochs_for(2'400'000, N, 10, 350),
      .partial_epochs = N < 20000 ? 1 : 0.25,
      .patience = is_array ? 0.15 : 0.125,
      .learning_rate = is_array && N < 20000 ? 1e-3 : 2e-3,
      .weight_decay = !is_array && N < kFewRows ? 0.1 : 0,
      .schedule = "cosine",
      .warmup = 0.1,
      .most_warmup = 20,
      .trim = is_array ? 0.05 : 0,
      .beta_of_categories = 0.5,
      .draws = N < kFewRows ? 20 : 5,
      .components = std::clamp<std::int64_t>(N / 50, 1, 100)};
}

Sizing of_pictures(std::int64_t N, std::int64_t D) {
  const std::int64_t batch = N < 1000 ? 32 : N < 10000 ? 64 : 128;
  const std::int64_t steps = (N + batch - 1) / batch;
  return {
      .latent = std::clamp<std::int64_t>(std::llround(std::sqrt(static_cast<double>(D))), 2, 32),
      .hidden = {D <= 8     ? 64
                 : D <= 64  ? 128
                 : D <= 256 ? 256
                            : 512},
      .batch_size = batch,
      .epochs = std::clamp<std::int64_t>((20000 + steps - 1) / steps, 20, 1000),
      .patience = 0,
      .learning_rate = 1e-3,
      .schedule = "constant",
      .warmup = D < 100 ? 0.1 : 0,
      .most_warmup = 20,
      .trim = 0,
      .beta_of_categories = 1,
      .draws = 20,
      .components = 20};
}

}  // namespace

Sizing sizing(std::int64_t rows, std::int64_t columns, RowForm form) {
  Sizing s = form == RowForm::pictures ? of_pictures(rows, columns)
                                       : of_tables(rows, columns, form == RowForm::numbers);
  s.latent = std::min(s.latent, std::max<std::int64_t>(columns, 1));
  return s;
}

}  // namespace diabolo
