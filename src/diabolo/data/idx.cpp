#include <diabolo/data/elements.h>
#include <diabolo/data/idx.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

namespace diabolo {
namespace {

std::optional<ElementType> element_type(std::uint8_t code) {
  switch (code) {
    case 0x08:
      return ElementType{'u', 1, true};
    case 0x09:
      return ElementType{'i', 1, true};
    case 0x0B:
      return ElementType{'i', 2, true};
    case 0x0C:
      return ElementType{'i', 4, true};
    case 0x0D:
      return ElementType{'f', 4, true};
    case 0x0E:
      return ElementType{'f', 8, true};
    default:
      return std::nullopt;
  }
}

}  // namespace

bool is_idx(std::span<const std::uint8_t> head) {
  return head.size() >= 4 && head[0] == 0 && head[1] == 0 && element_type(head[2]) &&
         head[3] >= 1 && head[3] <= kMaxRank;
}

Tensor read_idx(ByteSource& source) {
  std::array<std::uint8_t, 4> magic{};
  read_exactly(source, magic.data(), magic.size(), "an IDX header");
  check(is_idx(magic), ErrorCode::corrupt_file, "idx",
        "expected an IDX header (0 0, a type, 1 to {} dimensions) in {}, got {:02x}; check the "
        "file",
        kMaxRank, in_quotes(source.name()), fmt::join(magic, " "));
  std::array<std::int64_t, kMaxRank> dims{};
  for (std::size_t i = 0; i < magic[3]; ++i) {
    std::array<std::uint8_t, 4> b{};
    read_exactly(source, b.data(), b.size(), "IDX dimensions");
    dims[i] = std::int64_t{b[0]} << 24 | b[1] << 16 | b[2] << 8 | b[3];
  }
  Tensor tensor = read_elements(source, *element_type(magic[2]),
                                Shape(std::span<const std::int64_t>(dims.data(), magic[3])));
  expect_end(source);
  return tensor;
}

}  // namespace diabolo
