#include <diabolo/base/error.h>
#include <diabolo/tensor/buffer.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <algorithm>
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
  allocate(bytes);
  if (!is_in_file()) std::memset(data_, 0, bytes);
}

Buffer::~Buffer() {
  if (is_in_file())
    unmap_file_memory(file_);
  else if (data_ != nullptr)
    ::operator delete(data_, std::align_val_t{alignment_});
}

void Buffer::allocate(std::size_t bytes) {
  if (bytes > file_memory_from()) {
    file_ = map_file_memory(bytes);
    data_ = file_.data;
  } else {
    const bool large = bytes >= kWorthLargePages;
    alignment_ = large ? kLargePage : kAlignment;
    data_ =
        static_cast<std::byte*>(::operator new(bytes, std::align_val_t{alignment_}, std::nothrow));
    check(data_ != nullptr, ErrorCode::out_of_memory, "memory",
          "expected {} bytes of memory, got none; use smaller batches or fewer rows", bytes);
#if defined(__linux__)
    if (large) ::madvise(data_, bytes, MADV_HUGEPAGE);  // a wish: small pages do as well
#endif
  }
  capacity_ = bytes;
}

void Buffer::resize(std::size_t bytes) {
  if (bytes > capacity_) {
    const std::size_t room = capacity_ == 0 ? bytes : std::max(bytes, capacity_ + capacity_ / 2);
    if (is_in_file()) {
      grow_file_memory(file_, room);
      data_ = file_.data;
      capacity_ = room;
    } else {
      Buffer larger;
      larger.allocate(room);
      if (bytes_ > 0) std::memcpy(larger.data_, data_, bytes_);
      swap(larger);
    }
  }
  bytes_ = bytes;
}

void Buffer::swap(Buffer& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(capacity_, other.capacity_);
  std::swap(alignment_, other.alignment_);
  std::swap(file_, other.file_);
}

}  // namespace diabolo
