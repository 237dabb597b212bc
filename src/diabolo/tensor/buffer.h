// Owned memory, aligned to 64 bytes (a cache line, an AVX-512 register).
#pragma once

#include <cstddef>
#include <memory>

namespace diabolo {

inline constexpr std::size_t kAlignment = 64;

class Buffer {
 public:
  Buffer() = default;
  /// `bytes` zeroed bytes. Throws `out_of_memory`.
  explicit Buffer(std::size_t bytes);

  std::byte* data() noexcept { return data_.get(); }
  const std::byte* data() const noexcept { return data_.get(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct Free {
    std::size_t alignment;
    Free() noexcept : alignment(kAlignment) {}
    void operator()(std::byte* p) const noexcept;
  };
  std::unique_ptr<std::byte[], Free> data_;
  std::size_t bytes_ = 0;
};

}  // namespace diabolo
