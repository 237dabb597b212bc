// Where each parameter lies in the flat array, and how it begins. The building code of a model
// names its parameters; the first build declares them, later builds (for other batch sizes) find
// them.
#pragma once

#include <diabolo/tensor/shape.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace diabolo {

/// How a parameter begins.
struct Init {
  enum Kind {
    constant,        // `value`
    glorot_uniform,  // U(-a, a), a = sqrt(6 / (fan_in + fan_out))   (Glorot & Bengio, 2010)
    normal,          // N(0, value^2)
  };
  Kind kind = constant;
  double value = 0;
};

struct ParameterInfo {
  std::string name;
  Shape shape;
  std::int64_t offset = 0;  // elements from the start of the flat array
  Init init;
};

class Parameters {
 public:
  /// The place of parameter `name`, declared if it is new. Throws `shape` if it is known with
  /// another shape, `invalid_argument` if it is new and the list is closed.
  const ParameterInfo& declare(const std::string& name, const Shape& shape, const Init& init);
  /// From now on nothing new may be declared.
  void close() { closed_ = true; }

  const std::vector<ParameterInfo>& all() const { return list_; }
  /// Elements of the flat array; each parameter begins at a multiple of 16, padding stays zero.
  std::int64_t size() const { return size_; }
  /// Fills `values` (size() numbers). A parameter's start depends on the seed and its name alone.
  void initialize(std::span<float> values, std::uint64_t seed) const;

 private:
  std::vector<ParameterInfo> list_;
  std::int64_t size_ = 0;
  bool closed_ = false;
};

}  // namespace diabolo
