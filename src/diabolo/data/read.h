// Reads arrays and pictures. What a file is, its content decides, not its ending:
// .npy; .npz ("file.npz:key"); IDX; both also inside gzip; PNG or JPEG (one row); a folder of them.
#pragma once

#include <diabolo/data/dataset.h>

#include <string>

namespace diabolo {

struct ReadOptions {
  bool allow_not_finite = false;  ///< let NaN and infinity through (missing cells)
};

/// The rows at `path`. Throws one clear line: `io` (nothing there, not readable), `corrupt_file`,
/// `unsupported` (unknown content, tables), `shape` (no rows), `not_finite` (row and column named).
Dataset read(const std::string& path, const ReadOptions& options = {});

/// The array at `path` in its own shape (latents, labels): u8 as it is, all other types as f32.
/// Throws as `read` does.
Tensor read_array(const std::string& path, const ReadOptions& options = {});

}  // namespace diabolo
