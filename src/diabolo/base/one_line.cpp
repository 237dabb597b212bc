#include <diabolo/base/one_line.h>

#include <fmt/format.h>

#include <algorithm>

namespace diabolo {

std::size_t character_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t bytes = first < 0x80                    ? 1
                            : first < 0xC2 || first >= 0xF5 ? 0
                            : first < 0xE0                  ? 2
                            : first < 0xF0                  ? 3
                                                            : 4;
  if (bytes > text.size()) return 0;
  for (std::size_t i = 1; i < bytes; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  // Neither longer than need be, nor half of a pair of UTF-16, nor beyond the last character.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return bytes;
}

bool begins_with_control(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte < 0x20 || byte == 0x7F) return true;
  if (byte == 0xC2) return text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0;
  return text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9");
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string line;
  std::string_view rest = text;
  while (!rest.empty() && line.size() < most) {
    const std::size_t known = character_bytes(rest), n = std::max<std::size_t>(known, 1);
    if (rest[0] == '\n') {
      line += "\\n";
    } else if (known > 0 && !begins_with_control(rest)) {
      line += rest.substr(0, n);
    } else {
      for (std::size_t i = 0; i < n; ++i)
        line += fmt::format("\\x{:02x}", static_cast<unsigned char>(rest[i]));
    }
    rest.remove_prefix(n);
  }
  return rest.empty() ? line : line + "...";
}

}  // namespace diabolo
