#include <diabolo/tensor/tensor.h>

#include <cstring>

namespace diabolo {
namespace {

std::size_t bytes_for(DType dtype, const Shape& shape) {
  std::int64_t bytes = static_cast<std::int64_t>(size_of(dtype));
  for (const std::int64_t n : shape.dims())
    check(!__builtin_mul_overflow(bytes, n, &bytes), ErrorCode::out_of_memory, "tensor",
          "expected an array that fits in memory, got shape {}", shape);
  return static_cast<std::size_t>(bytes);
}

}  // namespace

Tensor::Tensor(DType dtype, const Shape& shape)
    : dtype_(dtype), shape_(shape), buffer_(bytes_for(dtype, shape)) {}

Tensor Tensor::unfilled(DType dtype, const Shape& shape) {
  if (shape.rank() == 0) return Tensor(dtype, shape);
  Tensor tensor(dtype, shape.with(0, 0));
  tensor.resize_rows(shape[0]);
  return tensor;
}

Tensor Tensor::clone() const {
  Tensor copy(dtype_, shape_);
  if (bytes() > 0) std::memcpy(copy.data(), data(), bytes());
  return copy;
}

std::int64_t Tensor::row_size() const noexcept {
  std::int64_t n = 1;
  for (int i = 1; i < shape_.rank(); ++i) n *= shape_[i];
  return n;
}

double Tensor::number(std::size_t i) const {
  switch (dtype_) {
    case DType::u8:
      return as<std::uint8_t>()[i];
    case DType::i32:
      return as<std::int32_t>()[i];
    case DType::u64:
      return static_cast<double>(as<std::uint64_t>()[i]);
    case DType::f32:
      return static_cast<double>(as<float>()[i]);
    case DType::f64:
      return as<double>()[i];
  }
  return 0;
}

void Tensor::resize_rows(std::int64_t rows) {
  ensure(shape_.rank() >= 1, "tensor", "an array that has rows");
  const Shape shape = shape_.with(0, rows);
  buffer_.resize(bytes_for(dtype_, shape));
  shape_ = shape;
}

Tensor Tensor::reshaped(const Shape& shape) && {
  check(shape.size() == size(), ErrorCode::shape, "reshape",
        "expected a shape of {} elements, got {}", size(), shape);
  Tensor result = std::move(*this);
  result.shape_ = shape;
  return result;
}

}  // namespace diabolo
