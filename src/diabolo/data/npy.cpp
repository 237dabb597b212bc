#include <diabolo/data/atomic_file.h>
#include <diabolo/data/elements.h>
#include <diabolo/data/npy.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <vector>

namespace diabolo {
namespace {

constexpr std::array<std::uint8_t, 6> kMagic{0x93, 'N', 'U', 'M', 'P', 'Y'};
constexpr std::size_t kMaxHeader = 1 << 20;

struct Header {
  ElementType type;
  bool column_major = false;
  Shape shape;
};

ElementType element_type(std::string_view text, const std::string& file) {
  const auto refuse = [&](std::string_view what, std::string_view advice) {
    fail(ErrorCode::unsupported, "npy", "expected an array of numbers in {}, got {} ({}); {}", file,
         what, in_quotes(text), advice);
  };
  std::string_view rest = text;
  bool big = std::endian::native == std::endian::big;
  if (!rest.empty() && std::string_view("<>|=").find(rest[0]) != std::string_view::npos) {
    if (rest[0] == '<' || rest[0] == '>') big = rest[0] == '>';
    rest.remove_prefix(1);
  }
  const char kind = rest.empty() ? '?' : rest[0];
  if (kind == 'O') refuse("Python objects", "they are never loaded, save it as float32");
  if (kind == 'c') refuse("complex numbers", "save the real and imaginary parts as two columns");
  if (kind == 'S' || kind == 'U' || kind == 'a') refuse("texts", "save them as numbers");
  if (kind == 'M' || kind == 'm') refuse("times", "save them as numbers");
  if (kind == 'V') refuse("records", "save its columns as one float32 array");
  ElementType type{kind, 0, big};
  const char* end = rest.data() + rest.size();
  const bool number = !rest.empty() && std::from_chars(rest.data() + 1, end, type.bytes).ptr == end;
  constexpr std::array<std::string_view, 12> kKnown{"b1", "i1", "i2", "i4", "i8", "u1",
                                                    "u2", "u4", "u8", "f2", "f4", "f8"};
  if (!number || std::find(kKnown.begin(), kKnown.end(), rest) == kKnown.end())
    refuse("an unknown type", "save it as float32");
  return type;
}

/// Reads the header: a Python dictionary of three entries,
/// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  Header parse() {
    Header header;
    int seen = 0;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string();
      expect(':');
      if (key == "descr") {
        if (peek() == '[' || peek() == '(' || peek() == '{')
          fail(ErrorCode::unsupported, "npy",
               "expected an array of numbers in {}, got a structured type; save its columns as one "
               "float32 array",
               file_);
        header.type = element_type(string(), file_);
        seen |= 1;
      } else if (key == "fortran_order") {
        header.column_major = truth();
        seen |= 2;
      } else if (key == "shape") {
        header.shape = shape();
        seen |= 4;
      } else {
        refuse();
      }
      if (!accept(',') && peek() != '}') refuse();
    }
    if (peek() != '\0' || seen != 7) refuse();
    return header;
  }

 private:
  [[noreturn]] void refuse() const {
    fail(ErrorCode::corrupt_file, "npy",
         "expected a header with 'descr', 'fortran_order' and 'shape' in {}, got {}; save the "
         "array again",
         file_, in_quotes(text_.substr(0, 120)));
  }
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse();
  }
  std::string_view string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse();
    const std::size_t end = text_.find(quote, ++at_);
    if (end == std::string_view::npos) refuse();
    const std::string_view result = text_.substr(at_, end - at_);
    at_ = end + 1;
    return result;
  }
  bool truth() {
    peek();
    for (const std::string_view word : {"True", "False"})
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return word == "True";
      }
    refuse();
  }
  Shape shape() {
    std::vector<std::int64_t> dims;
    expect('(');
    while (!accept(')')) {
      peek();
      std::int64_t n = 0;
      const auto parsed = std::from_chars(text_.data() + at_, text_.data() + text_.size(), n);
      if (parsed.ec != std::errc() || n < 0 || dims.size() == 64) refuse();
      at_ = static_cast<std::size_t>(parsed.ptr - text_.data());
      accept('L');  // a long integer of Python 2
      dims.push_back(n);
      if (!accept(',') && peek() != ')') refuse();
    }
    return Shape(dims);
  }

  std::string_view text_;
  std::string file_;
  std::size_t at_ = 0;
};

std::string_view descr(DType type) {
  switch (type) {
    case DType::u8:
      return "|u1";
    case DType::i32:
      return "<i4";
    case DType::u64:
      return "<u8";
    case DType::f32:
      return "<f4";
    case DType::f64:
      return "<f8";
  }
  return "";
}

}  // namespace

bool is_npy(std::span<const std::uint8_t> head) {
  return head.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), head.begin());
}

Tensor read_npy(ByteSource& source) {
  const std::string file = in_quotes(source.name());
  std::array<std::uint8_t, 12> start{};
  read_exactly(source, start.data(), 8, "an npy header");
  check(is_npy(start), ErrorCode::corrupt_file, "npy",
        "expected an npy file (it begins with \\x93NUMPY) at {}, got something else; check the "
        "file",
        file);
  const int version = start[6];
  check(version >= 1 && version <= 3, ErrorCode::unsupported, "npy",
        "expected npy version 1, 2 or 3 in {}, got {}; save it with a released NumPy", file,
        version);
  const std::size_t width = version == 1 ? 2 : 4;
  read_exactly(source, start.data() + 8, width, "an npy header");
  std::size_t length = 0;
  for (std::size_t i = 0; i < width; ++i) length |= std::size_t{start[8 + i]} << 8 * i;
  check(length <= kMaxHeader && length <= source.limit(), ErrorCode::corrupt_file, "npy",
        "expected an npy header of at most {} bytes in {}, got {}; save the array again",
        kMaxHeader, file, length);
  std::string text(length, '\0');
  read_exactly(source, text.data(), length, "an npy header");
  const Header header = HeaderParser(text, file).parse();
  Tensor tensor = read_elements(source, header.type, header.shape, header.column_major);
  expect_end(source);
  return tensor;
}

Tensor read_npy(const std::string& path) { return read_npy(*open_file(path)); }

void format_npy(const Tensor& tensor, const Shape& shape,
                const std::function<void(std::string_view)>& sink) {
  static_assert(std::endian::native == std::endian::little, "the elements are written as they are");
  check(shape.size() == tensor.size(), ErrorCode::shape, "npy",
        "expected a shape of {} elements, got {}", tensor.size(), shape);
  std::string dims;
  for (int i = 0; i < shape.rank(); ++i) dims += fmt::format("{}{}", i ? ", " : "", shape[i]);
  if (shape.rank() == 1) dims += ",";
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                   descr(tensor.dtype()), dims);
  // The data begin at a multiple of 64 bytes; the header ends with a newline.
  header.append(64 - (10 + header.size() + 1) % 64, ' ');
  header += '\n';
  const char version_and_length[] = {1, 0, static_cast<char>(header.size() & 255),
                                     static_cast<char>(header.size() >> 8)};
  sink({reinterpret_cast<const char*>(kMagic.data()), kMagic.size()});
  sink({version_and_length, sizeof version_and_length});
  sink(header);
  sink({reinterpret_cast<const char*>(tensor.data()), tensor.bytes()});
}

void write_npy(const Tensor& tensor, const Shape& shape, const std::string& path) {
  AtomicFile file(path);
  format_npy(tensor, shape, [&](std::string_view bytes) { file.write(bytes); });
  file.commit();
}

}  // namespace diabolo
