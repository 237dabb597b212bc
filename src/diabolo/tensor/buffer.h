// Owned memory, aligned to 64 bytes (a cache line, an AVX-512 register); what is larger than a
// share of the machine's memory lies in a file (file_memory.h).
#pragma once

#include <diabolo/tensor/file_memory.h>

#include <cstddef>
#include <utility>

namespace diabolo {

inline constexpr std::size_t kAlignment = 64;

class Buffer {
 public:
  Buffer() = default;
  /// `bytes` zeroed bytes. Throws `out_of_memory`.
  explicit Buffer(std::size_t bytes);
  ~Buffer();
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer(std::move(other)).swap(*this);
    return *this;
  }

  std::byte* data() noexcept { return data_; }
  const std::byte* data() const noexcept { return data_; }
  std::size_t bytes() const noexcept { return bytes_; }
  bool is_in_file() const noexcept { return file_.data != nullptr; }

  /// More or fewer bytes; those that stay keep what they hold, new ones hold anything. Growing step
  /// by step costs no more than twice the copying of the last size. Throws `out_of_memory`.
  void resize(std::size_t bytes);

 private:
  void swap(Buffer& other) noexcept;
  void allocate(std::size_t bytes);

  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0, capacity_ = 0, alignment_ = kAlignment;
  FileMemory file_;  // empty: data_ is memory
};

}  // namespace diabolo
