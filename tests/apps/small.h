// Small data and quick fits for the tests of models in use.
#pragma once

#include <diabolo/diabolo.h>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <string>

namespace diabolo::testing {

/// Noisy points on a curve in three dimensions.
inline Dataset curve(std::int64_t rows, std::uint64_t seed = 1) {
  Tensor x(DType::f32, {rows, 3});
  RandomStream random({.seed = seed});
  for (std::int64_t i = 0; i < rows; ++i) {
    const double t = 4 * random.uniform() - 2;
    const double point[] = {t, t * t, 10 * std::sin(2 * t)};
    for (std::int64_t d = 0; d < 3; ++d)
      x.as<float>()[static_cast<std::size_t>(3 * i + d)] =
          static_cast<float>(point[d] + 0.05 * random.normal());
  }
  return Dataset::from(std::move(x), "curve");
}

/// Grey pictures of 4 x 5 pixels with a bright bar, as bytes.
inline Dataset bars(std::int64_t rows) {
  Tensor x(DType::u8, {rows, 4, 5});
  RandomStream random({.seed = 5});
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto bar = static_cast<std::int64_t>(random.below(5));
    for (std::int64_t p = 0; p < 20; ++p)
      x.as<std::uint8_t>()[static_cast<std::size_t>(20 * i + p)] =
          static_cast<std::uint8_t>((p % 5 == bar ? 200 : 20) + random.below(40));
  }
  return Dataset::from(std::move(x), "bars");
}

inline FitOptions quick() {
  return {.latent = 2, .hidden = {16}, .epochs = 8, .batch_size = 32, .threads = 1};
}

/// A folder of its own for a test, removed at the end.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              ("diabolo-" + name + "-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace diabolo::testing
