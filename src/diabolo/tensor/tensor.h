// An owned, dense, row-major array with a type and a shape. Moves, and copies only on request.
#pragma once

#include <diabolo/base/error.h>
#include <diabolo/tensor/buffer.h>
#include <diabolo/tensor/dtype.h>
#include <diabolo/tensor/shape.h>

#include <span>

namespace diabolo {

class Tensor {
 public:
  Tensor() = default;
  /// Zeros. Throws `out_of_memory`.
  Tensor(DType dtype, const Shape& shape);
  /// Elements that hold anything: what is never written takes no memory, if there is much of it.
  /// Throws `out_of_memory`.
  static Tensor unfilled(DType dtype, const Shape& shape);
  template <class T>
  static Tensor of(const Shape& shape, std::span<const T> values);

  Tensor(Tensor&&) noexcept = default;
  Tensor& operator=(Tensor&&) noexcept = default;
  Tensor clone() const;

  DType dtype() const noexcept { return dtype_; }
  const Shape& shape() const noexcept { return shape_; }
  std::int64_t size() const noexcept { return shape_.size(); }
  /// Length of the first dimension; 1 for a scalar.
  std::int64_t rows() const noexcept { return shape_.rank() == 0 ? 1 : shape_[0]; }
  /// Elements in a row: the product of all dimensions but the first.
  std::int64_t row_size() const noexcept;
  std::size_t bytes() const noexcept { return buffer_.bytes(); }

  std::byte* data() noexcept { return buffer_.data(); }
  const std::byte* data() const noexcept { return buffer_.data(); }
  /// The elements as T. Throws `internal` if T is not the dtype.
  template <class T>
  std::span<T> as();
  template <class T>
  std::span<const T> as() const;
  /// Element `i` as a number, whatever the dtype; a u64 above 2^53 is rounded.
  double number(std::size_t i) const;
  /// More or fewer rows; those that stay keep their numbers, new ones hold anything. Growing step
  /// by step is cheap. Throws `out_of_memory`.
  void resize_rows(std::int64_t rows);
  bool is_in_file() const noexcept { return buffer_.is_in_file(); }
  /// The same elements under another shape of the same size. Throws `shape`.
  Tensor reshaped(const Shape& shape) &&;

 private:
  DType dtype_ = DType::f32;
  Shape shape_{0};
  Buffer buffer_;
};

template <class T>
std::span<T> Tensor::as() {
  ensure(dtype_of<T> == dtype_, "tensor", "an access with the tensor's own element type");
  return {reinterpret_cast<T*>(buffer_.data()), static_cast<std::size_t>(size())};
}

template <class T>
std::span<const T> Tensor::as() const {
  ensure(dtype_of<T> == dtype_, "tensor", "an access with the tensor's own element type");
  return {reinterpret_cast<const T*>(buffer_.data()), static_cast<std::size_t>(size())};
}

template <class T>
Tensor Tensor::of(const Shape& shape, std::span<const T> values) {
  Tensor result(dtype_of<T>, shape);
  check(values.size() == static_cast<std::size_t>(shape.size()), ErrorCode::shape, "tensor",
        "expected {} values for shape {}, got {}", shape.size(), shape, values.size());
  std::copy(values.begin(), values.end(), result.as<T>().begin());
  return result;
}

}  // namespace diabolo
