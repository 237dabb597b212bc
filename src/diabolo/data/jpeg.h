// JPEG through libjpeg (or libjpeg-turbo), baseline and progressive, grey and colour.
// Its errors come back as diabolo::Error: libjpeg jumps (longjmp) over C frames only. A file that
// is cut or damaged is refused, where libjpeg itself would fill the rest with grey.
#pragma once

#include <diabolo/data/image.h>

#include <cstdint>
#include <span>
#include <string>

namespace diabolo {

/// Whether a file that begins with `head` is JPEG.
bool is_jpeg(std::span<const std::uint8_t> head);

/// What the header says. Throws `corrupt_file`, `unsupported` (too large, CMYK). `name` is for
/// messages.
ImageInfo inspect_jpeg(std::span<const std::uint8_t> file, const std::string& name);

/// Decodes into `pixels` [height, width, channels]; grey becomes colour for `channels` 3. The
/// orientation a camera may have noted is not applied. Throws `corrupt_file`.
void decode_jpeg(std::span<const std::uint8_t> file, const std::string& name, const ImageInfo& info,
                 int channels, std::uint8_t* pixels);

}  // namespace diabolo
