#include <diabolo/data/atomic_file.h>
#include <diabolo/data/source.h>
#include <diabolo/io/safetensors.h>
#include <diabolo/io/safetensors_header.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

namespace diabolo {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they are");

constexpr std::uint64_t kMaxHeader = 100'000'000;  // as in the reference implementation
constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxOffset = std::uint64_t{1} << 62;  // sums of two stay in range

/// Names in files. The reference implementation writes tensors in this order of types.
constexpr std::array<std::pair<DType, std::string_view>, 5> kTypeNames{{{DType::u64, "U64"},
                                                                        {DType::f64, "F64"},
                                                                        {DType::f32, "F32"},
                                                                        {DType::i32, "I32"},
                                                                        {DType::u8, "U8"}}};

std::size_t place_of(DType type) {
  std::size_t i = 0;
  while (kTypeNames[i].first != type) ++i;
  return i;
}

std::optional<DType> type_named(std::string_view text) {
  for (const auto& [type, name] : kTypeNames)
    if (name == text) return type;
  return std::nullopt;
}

/// What a file is that begins with `head`, if that is known; else empty.
std::string_view kind_of(std::string_view head) {
  using namespace std::string_view_literals;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kKinds{
      {{"\x89PNG"sv, "a PNG picture"},
       {"\xff\xd8\xff"sv, "a JPEG picture"},
       {"\x1f\x8b"sv, "a gzip file"},
       {"PK\x03\x04"sv, "a zip archive"},
       {"\x93NUMPY"sv, "a NumPy array"},
       {"\x89HDF"sv, "an HDF5 file"},
       {"PAR1"sv, "a Parquet table"},
       {"\x80\x02"sv, "a pickle, which is never loaded"}}};
  for (const auto& [magic, kind] : kKinds)
    if (head.starts_with(magic)) return kind;
  const bool text = std::all_of(head.begin(), head.end(), [](char c) {
    return (c >= ' ' && c <= '~') || c == '\t' || c == '\n' || c == '\r';
  });
  return text ? "text" : "";
}

[[noreturn]] void refuse_kind(std::string_view head, const std::string& file) {
  const std::string_view kind = kind_of(head);
  check(kind.empty(), ErrorCode::unsupported, kSafetensors,
        "expected a model file (.safetensors), got {} in {}; give the file that fit wrote", kind,
        file);
  fail(ErrorCode::corrupt_file, kSafetensors,
       "expected a model file (.safetensors), got unknown content in {}; give the file that fit "
       "wrote, or copy it again",
       file);
}

[[noreturn]] void refuse_cut(const std::string& file, std::uint64_t size, std::string_view whole) {
  fail(ErrorCode::corrupt_file, kSafetensors,
       "expected a complete model file, got {} cut at byte {} of {}; copy it again", file, size,
       whole);
}

/// The header's text, without its length.
std::string read_header(ByteSource& source, const std::string& file) {
  const std::uint64_t size = source.limit();
  check(size > 0, ErrorCode::corrupt_file, kSafetensors,
        "expected a model file (.safetensors), got an empty file at {}; copy it again", file);
  // The length and the header's first byte: another kind of file differs in one of them.
  const std::vector<std::uint8_t> bytes = read_head(source, kLengthBytes + 1);
  const std::string head(bytes.begin(), bytes.end());
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < std::min(kLengthBytes, bytes.size()); ++i)
    length |= std::uint64_t{bytes[i]} << (8 * i);
  const bool has_begun = bytes.size() > kLengthBytes;
  if (length > kMaxHeader || !kind_of(head).empty() || (has_begun && head.back() != '{'))
    refuse_kind(head, file);
  if (!has_begun) refuse_cut(file, size, "more");
  if (length > size - kLengthBytes)
    refuse_cut(file, size, fmt::format("at least {}", kLengthBytes + length));
  check(length >= 2, ErrorCode::corrupt_file, kSafetensors,
        "expected a header of at least 2 bytes in {}, got {}; copy the file again", file, length);

  std::string text(static_cast<std::size_t>(length), head.back());
  read_exactly(source, text.data() + 1, text.size() - 1, "header");
  return text;
}

struct Layout {
  DType type;
  Shape shape;
};

/// Checks that the tensor begins at `begin` and has as many bytes as its type and shape say.
Layout layout_of(const TensorEntry& entry, std::uint64_t begin, const std::string& file) {
  const std::string name = in_quotes(entry.name);
  const std::optional<DType> type = type_named(entry.type);
  check(type.has_value(), ErrorCode::unsupported, kSafetensors,
        "expected F32, F64, U8, I32 or U64 as the type of {} in {}, got {}; convert the tensor",
        name, file, in_quotes(entry.type));
  // Products of some dimensions must not overflow either, so a 0 counts at the end.
  std::array<std::int64_t, kMaxRank> dims{};
  std::uint64_t bytes = size_of(*type);
  bool fits = entry.begin <= entry.end && entry.end <= kMaxOffset, empty = false;
  for (std::size_t i = 0; i < entry.shape.size(); ++i) {
    const std::uint64_t n = entry.shape[i];
    empty = empty || n == 0;
    fits = fits && !__builtin_mul_overflow(bytes, n == 0 ? 1 : n, &bytes) && bytes <= kMaxOffset;
    dims[i] = static_cast<std::int64_t>(n);
  }
  check(fits && entry.end - entry.begin == (empty ? 0 : bytes), ErrorCode::corrupt_file,
        kSafetensors,
        "expected offsets that match shape [{}] of {} in {}, got {} to {}; copy the file again",
        fmt::join(entry.shape, ", "), name, file, entry.begin, entry.end);
  check(entry.begin == begin, ErrorCode::corrupt_file, kSafetensors,
        "expected tensors without gap or overlap in {}, got {} at offset {} instead of {}; copy "
        "the file again",
        file, name, entry.begin, begin);
  return {*type, Shape(std::span<const std::int64_t>(dims.data(), entry.shape.size()))};
}

TensorFile read_all(ByteSource& source) {
  const std::string file = in_quotes(source.name());
  const std::string text = read_header(source, file);
  SafetensorsHeader header = parse_safetensors_header(text, file);

  std::vector<TensorEntry>& entries = header.entries;
  std::stable_sort(entries.begin(), entries.end(), [](const TensorEntry& a, const TensorEntry& b) {
    return std::tuple(a.begin, a.end) < std::tuple(b.begin, b.end);
  });
  std::vector<Layout> layout;
  std::uint64_t end = 0;
  for (const TensorEntry& entry : entries) {
    layout.push_back(layout_of(entry, end, file));
    end = entry.end;
  }
  const std::uint64_t data = kLengthBytes + text.size(), size = source.limit();
  if (size < data + end) refuse_cut(file, size, std::to_string(data + end));
  check(size == data + end, ErrorCode::corrupt_file, kSafetensors,
        "expected {} bytes after the header of {}, got {}; copy the file again", end, file,
        size - data);

  TensorFile result{.metadata = std::move(header.metadata), .tensors = {}};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Tensor tensor(layout[i].type, layout[i].shape);
    read_exactly(source, tensor.data(), tensor.bytes(), "tensors");
    result.tensors.emplace_back(std::move(entries[i].name), std::move(tensor));
  }
  return result;
}

using Named = std::pair<std::string, Tensor>;

/// The tensors in the order in which they are written.
std::vector<const Named*> in_order(const std::vector<Named>& tensors) {
  std::vector<const Named*> order;
  std::set<std::string_view> names{"__metadata__"};
  for (const Named& named : tensors) {
    check(names.insert(named.first).second, ErrorCode::invalid_argument, kSafetensors,
          "expected names of tensors that differ from each other and from __metadata__, got {}; "
          "rename it",
          in_quotes(named.first));
    order.push_back(&named);
  }
  const auto key = [](const Named* named) {
    return std::tuple(place_of(named->second.dtype()), std::string_view(named->first));
  };
  std::sort(order.begin(), order.end(),
            [&](const Named* a, const Named* b) { return key(a) < key(b); });
  return order;
}

}  // namespace

void write_safetensors(const std::string& path, const TensorFile& file) {
  const std::vector<const Named*> order = in_order(file.tensors);
  SafetensorsHeader header{.metadata = file.metadata, .entries = {}};
  std::uint64_t end = 0;
  for (const Named* named : order) {
    const auto& [name, tensor] = *named;
    const auto dims = tensor.shape().dims();
    header.entries.push_back({.name = name,
                              .type = std::string(kTypeNames[place_of(tensor.dtype())].second),
                              .shape = {dims.begin(), dims.end()},
                              .begin = end,
                              .end = end + tensor.bytes()});
    end += tensor.bytes();
  }
  std::string text = format_safetensors_header(header);
  text.resize(
      (kLengthBytes + text.size() + kAlignment - 1) / kAlignment * kAlignment - kLengthBytes, ' ');
  check(text.size() <= kMaxHeader, ErrorCode::invalid_argument, kSafetensors,
        "expected names and metadata of at most {} bytes, got {}; shorten the metadata", kMaxHeader,
        text.size());
  std::array<char, kLengthBytes> length{};
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    length[i] = static_cast<char>((text.size() >> (8 * i)) & 255);

  AtomicFile out(path);
  out.write(length.data(), length.size());
  out.write(text);
  for (const Named* named : order) out.write(named->second.data(), named->second.bytes());
  out.commit();
}

TensorFile read_safetensors(const std::string& path) {
  try {
    return read_all(*open_file(path));
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::out_of_memory, kSafetensors, "expected memory for {}, got none; free some",
         in_quotes(path));
  }
}

}  // namespace diabolo
