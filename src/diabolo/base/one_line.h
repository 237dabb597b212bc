// Text from anywhere (file names, cells, what a file says of itself) in messages: one line of
// UTF-8, so that it neither breaks a log nor steers a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace diabolo {

/// Bytes of the UTF-8 character that `text` begins with, 1 to 4; 0 if there is none.
std::size_t character_bytes(std::string_view text);

/// True if `text` begins with a control character (ASCII's, U+0080 to U+009F, U+2028, U+2029).
bool begins_with_control(std::string_view text);

/// `text` with control characters and bytes that are not UTF-8 as \n, \x1b. It ends with the
/// character that makes it `most` bytes long or more, and "..." if there were more.
std::string one_line(std::string_view text, std::size_t most = 4000);

}  // namespace diabolo
