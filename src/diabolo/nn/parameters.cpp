#include <diabolo/base/error.h>
#include <diabolo/base/hash.h>
#include <diabolo/base/random.h>
#include <diabolo/nn/parameters.h>

#include <algorithm>
#include <cmath>

namespace diabolo {

const ParameterInfo& Parameters::declare(const std::string& name, const Shape& shape,
                                         const Init& init) {
  const auto known =
      std::find_if(list_.begin(), list_.end(), [&](const auto& p) { return p.name == name; });
  if (known != list_.end()) {
    check(known->shape == shape, ErrorCode::shape, name, "expected shape {}, got {}", known->shape,
          shape);
    return *known;
  }
  check(!closed_, ErrorCode::invalid_argument, name,
        "expected a parameter that the model has, got a new one; build the whole model first");
  list_.push_back({name, shape, size_, init});
  size_ += (shape.size() + 15) / 16 * 16;
  return list_.back();
}

void Parameters::initialize(std::span<float> values, std::uint64_t seed) const {
  std::fill(values.begin(), values.end(), 0.0f);
  for (const ParameterInfo& p : list_) {
    RandomStream random(
        {.seed = seed, .stream = Stream::init, .row = hash64(p.name.data(), p.name.size())});
    const auto begin = values.begin() + p.offset;
    const auto end = begin + p.shape.size();
    switch (p.init.kind) {
      case Init::constant:
        std::fill(begin, end, static_cast<float>(p.init.value));
        break;
      case Init::glorot_uniform: {
        const double fans = static_cast<double>(p.shape[0] + p.shape[-1]);
        const double limit = std::sqrt(6 / fans);
        std::generate(begin, end,
                      [&] { return static_cast<float>((2 * random.uniform() - 1) * limit); });
        break;
      }
      case Init::normal:
        std::generate(begin, end,
                      [&] { return static_cast<float>(p.init.value * random.normal()); });
        break;
    }
  }
}

}  // namespace diabolo
