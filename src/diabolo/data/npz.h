// NumPy's .npz: a zip archive of .npy files (np.savez, np.savez_compressed), through libzip.
#pragma once

#include <diabolo/tensor/tensor.h>

#include <string>

namespace diabolo {

/// The array `key` of the archive; without a key its only array, or `X`. Errors list the keys there
/// are. Throws `io`, `invalid_argument` (no such key), `corrupt_file`, `unsupported`.
Tensor read_npz(const std::string& path, const std::string& key = "");

}  // namespace diabolo
