#include <diabolo/base/error.h>
#include <diabolo/tensor/buffer.h>

#include <cstring>
#include <new>

namespace diabolo {

Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  auto* memory = ::operator new(bytes, std::align_val_t{kAlignment}, std::nothrow);
  check(memory != nullptr, ErrorCode::out_of_memory, "memory",
        "expected {} bytes of memory, got none; use smaller batches or fewer rows", bytes);
  std::memset(memory, 0, bytes);
  data_.reset(static_cast<std::byte*>(memory));
}

void Buffer::Free::operator()(std::byte* p) const noexcept {
  ::operator delete(p, std::align_val_t{kAlignment});
}

}  // namespace diabolo
