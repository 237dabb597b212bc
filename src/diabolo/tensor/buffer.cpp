#include <diabolo/base/error.h>
#include <diabolo/tensor/buffer.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstring>
#include <new>

namespace diabolo {
namespace {

// Arrays of several large pages ask for them: a pass over parameters, or rows picked at random,
// meets a page fault and an entry of the page tables for every 2 MiB instead of every 4 KiB.
constexpr std::size_t kLargePage = std::size_t{1} << 21;
constexpr std::size_t kWorthLargePages = 2 * kLargePage;

}  // namespace

Buffer::Buffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  const bool large = bytes >= kWorthLargePages;
  const std::size_t alignment = large ? kLargePage : kAlignment;
  auto* memory = ::operator new(bytes, std::align_val_t{alignment}, std::nothrow);
  check(memory != nullptr, ErrorCode::out_of_memory, "memory",
        "expected {} bytes of memory, got none; use smaller batches or fewer rows", bytes);
#if defined(__linux__)
  if (large) ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: small pages do as well
#endif
  std::memset(memory, 0, bytes);
  data_.get_deleter().alignment = alignment;
  data_.reset(static_cast<std::byte*>(memory));
}

void Buffer::Free::operator()(std::byte* p) const noexcept {
  ::operator delete(p, std::align_val_t{alignment});
}

}  // namespace diabolo
