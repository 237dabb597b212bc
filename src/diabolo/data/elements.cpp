#include <diabolo/base/log.h>
#include <diabolo/data/elements.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

namespace diabolo {
namespace {

constexpr std::size_t kChunk = 1 << 14;  // elements

/// IEEE half precision, which C++20 has no type for.
struct Half {
  std::uint16_t bits;
  explicit operator float() const {
    const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                            : exponent != 31
                                ? std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25)
                            : mantissa == 0 ? std::bit_cast<float>(0x7f800000u)
                                            : std::bit_cast<float>(0x7fc00000u);
    return bits & 0x8000 ? -magnitude : magnitude;
  }
};

struct Truth {
  std::uint8_t value;
  explicit operator float() const { return value != 0 ? 1.0f : 0.0f; }
};

/// Walks the row-major places of elements that come with the first index running fastest.
class ColumnMajor {
 public:
  explicit ColumnMajor(const Shape& shape) : shape_(shape) {
    std::int64_t stride = 1;
    for (int i = shape.rank() - 1; i >= 0; --i) {
      strides_[static_cast<std::size_t>(i)] = stride;
      stride *= shape[i];
    }
  }
  std::size_t next() {
    const std::int64_t place = place_;
    for (int i = 0; i < shape_.rank(); ++i) {
      const auto d = static_cast<std::size_t>(i);
      place_ += strides_[d];
      if (++index_[d] < shape_[i]) break;
      place_ -= strides_[d] * shape_[i];
      index_[d] = 0;
    }
    return static_cast<std::size_t>(place);
  }

 private:
  Shape shape_;
  std::array<std::int64_t, kMaxRank> strides_{}, index_{};
  std::int64_t place_ = 0;
};

template <class T>
T load(const std::uint8_t* from, bool swap) {
  std::array<std::uint8_t, sizeof(T)> bytes;
  std::memcpy(bytes.data(), from, sizeof(T));
  if (swap) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

template <class T>
bool rounds(T value) {
  if constexpr (std::is_integral_v<T> && sizeof(T) > 2) {
    constexpr T kExact = T{1} << 24;
    if constexpr (std::is_signed_v<T>) {
      if (value < -kExact) return true;
    }
    return value > kExact;
  }
  return false;
}

/// Reads elements stored as In into a tensor of Out, chunk by chunk.
template <class In, class Out>
void read_converted(ByteSource& source, bool swap, bool column_major, Tensor& tensor) {
  const std::span<Out> out = tensor.as<Out>();
  ColumnMajor places(tensor.shape());
  std::vector<std::uint8_t> chunk(std::min(kChunk, out.size()) * sizeof(In));
  bool rounded = false;
  for (std::size_t first = 0; first < out.size(); first += kChunk) {
    const std::size_t n = std::min(kChunk, out.size() - first);
    read_exactly(source, chunk.data(), n * sizeof(In), "numbers");
    for (std::size_t i = 0; i < n; ++i) {
      const In value = load<In>(chunk.data() + i * sizeof(In), swap);
      rounded |= rounds(value);
      out[column_major ? places.next() : first + i] = static_cast<Out>(value);
    }
  }
  if (rounded)
    log(LogLevel::warning, "integers beyond 16777216 in " + in_quotes(source.name()) +
                               " were rounded to 32-bit floats");
}

/// Elements that came with the first index running fastest, in the order of rows.
template <class T>
Tensor in_rows(const Tensor& elements, const Shape& shape) {
  Tensor tensor = Tensor::unfilled(elements.dtype(), shape);
  const std::span<T> out = tensor.as<T>();
  ColumnMajor places(shape);
  for (const T x : elements.as<T>()) out[places.next()] = x;
  return tensor;
}

using Reader = void (*)(ByteSource&, bool, bool, Tensor&);

Reader reader_of(const ElementType& type) {
  const auto is = [&](char kind, int bytes) { return type.kind == kind && type.bytes == bytes; };
  if (is('b', 1)) return read_converted<Truth, float>;
  if (is('u', 1)) return read_converted<std::uint8_t, std::uint8_t>;
  if (is('i', 1)) return read_converted<std::int8_t, float>;
  if (is('u', 2)) return read_converted<std::uint16_t, float>;
  if (is('i', 2)) return read_converted<std::int16_t, float>;
  if (is('u', 4)) return read_converted<std::uint32_t, float>;
  if (is('i', 4)) return read_converted<std::int32_t, float>;
  if (is('u', 8)) return read_converted<std::uint64_t, float>;
  if (is('i', 8)) return read_converted<std::int64_t, float>;
  if (is('f', 2)) return read_converted<Half, float>;
  if (is('f', 4)) return read_converted<float, float>;
  if (is('f', 8)) return read_converted<double, float>;
  return nullptr;
}

}  // namespace

Tensor read_elements(ByteSource& source, ElementType type, const Shape& shape, bool column_major) {
  const Reader reader = reader_of(type);
  check(reader != nullptr, ErrorCode::unsupported, "read",
        "expected numbers of 1, 2, 4 or 8 bytes in {}, got type {}{}; save them as float32",
        in_quotes(source.name()), type.kind, type.bytes);
  // Products of some dimensions must not overflow either, so a 0 counts at the end.
  std::int64_t bytes = type.bytes;
  bool fits = true, is_empty = false;
  for (const std::int64_t n : shape.dims()) {
    is_empty |= n == 0;
    fits &= !__builtin_mul_overflow(bytes, std::max<std::int64_t>(n, 1), &bytes);
  }
  check(fits && (is_empty || static_cast<std::uint64_t>(bytes) <= source.limit()),
        ErrorCode::corrupt_file, "read",
        "expected the numbers of shape {} that the header of {} names, got a file too short for "
        "them; it is cut or damaged, copy it again",
        shape, in_quotes(source.name()));

  const bool is_u8 = type.kind == 'u' && type.bytes == 1;
  const bool swap = type.big_endian != (std::endian::native == std::endian::big);
  const bool native_f32 = type.kind == 'f' && type.bytes == 4 && !swap;
  // Memory is taken as it is written to, so a file that is cut takes no more than it has; but for
  // elements that come in another order and would be everywhere: if what is stored may be far less
  // than they are, they wait until all have come.
  const bool waits = column_major && static_cast<std::uint64_t>(bytes) / 8 > source.stored();
  Tensor tensor =
      Tensor::unfilled(is_u8 ? DType::u8 : DType::f32, waits ? Shape{shape.size()} : shape);
  if ((is_u8 || native_f32) && (waits || !column_major))
    read_exactly(source, tensor.data(), tensor.bytes(), "numbers");
  else
    reader(source, swap, column_major && !waits, tensor);
  if (!waits) return tensor;
  return is_u8 ? in_rows<std::uint8_t>(tensor, shape) : in_rows<float>(tensor, shape);
}

}  // namespace diabolo
