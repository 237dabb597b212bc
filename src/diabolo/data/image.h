// Pictures in files: one PNG or JPEG, or a folder of them. What a file is, its content says.
#pragma once

#include <diabolo/tensor/tensor.h>

#include <cstdint>
#include <span>
#include <string>

namespace diabolo {

/// What a picture file says of itself before it is decoded.
struct ImageInfo {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int channels = 1;  ///< 1 grey, 3 colour
  bool has_alpha = false;
};

/// Whether a file that begins with `head` is PNG or JPEG.
bool is_picture(std::span<const std::uint8_t> head);

/// One picture as u8: [1, H, W] or [1, H, W, 3]. Throws `corrupt_file`, `unsupported`, `io`.
Tensor read_image(const std::string& path);

/// All pictures directly in a folder, sorted by the bytes of their names: [N, H, W], or
/// [N, H, W, 3] if any is in colour. All must be of one size (the error names two that differ).
/// Transparency is dropped and other files are skipped, each said in the log; hidden files are
/// skipped silently. Links to pictures are followed, wherever they lead; folders within the folder
/// are not entered. A damaged picture is refused, as is a link of that name which leads nowhere,
/// and a folder without any. Throws `shape`, `corrupt_file`, `unsupported`, `invalid_argument`,
/// `io`.
Tensor read_image_folder(const std::string& folder);

}  // namespace diabolo
