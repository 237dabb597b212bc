// PNG through libpng. Its errors come back as diabolo::Error: libpng jumps (longjmp) over C frames
// only, never over one with a destructor.
#pragma once

#include <diabolo/data/image.h>
#include <diabolo/data/picture.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace diabolo {

/// Whether a file that begins with `head` is PNG.
bool is_png(std::span<const std::uint8_t> head);

/// What the header says. Throws `corrupt_file`, `unsupported` (too large). `name` is for messages.
ImageInfo inspect_png(std::span<const std::uint8_t> file, const std::string& name);

/// Decodes into `pixels` [height, width, channels]; grey becomes colour for `channels` 3.
/// Palettes are expanded, 16 bits reduced to 8, transparency dropped. Throws `corrupt_file`.
void decode_png(std::span<const std::uint8_t> file, const std::string& name, const ImageInfo& info,
                int channels, std::uint8_t* pixels);

/// `quick`: only runs of equal differences to the line above are looked for, in a fifth of the
/// time; files of pictures with few levels are even smaller by it, others larger.
enum class PngSearch { thorough, quick };

/// The file; the same picture gives the same bytes (with one version of zlib).
std::vector<std::uint8_t> encode_png(const Picture& picture,
                                     PngSearch search = PngSearch::thorough);

/// Writes a PNG; it appears whole or not at all. Throws `io`.
void write_png(const Picture& picture, const std::string& path);

}  // namespace diabolo
