// safetensors, the container of a model file: named tensors and a map of texts, nothing that could
// be executed. https://github.com/huggingface/safetensors
//
//   u64 N, little-endian | N bytes of JSON, padded with spaces | the tensors' bytes, little-endian
//
// Limits: element types of dtype.h, kMaxRank dimensions, a header of 100 MB.
#pragma once

#include <diabolo/tensor/tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace diabolo {

struct TensorFile {
  std::map<std::string, std::string> metadata;          ///< UTF-8
  std::vector<std::pair<std::string, Tensor>> tensors;  ///< names are UTF-8 and differ
};

/// Writes `file`; it appears whole or not at all. Equal content gives equal bytes, whatever the
/// order of `tensors`: they are written in the order of the reference implementation (u64, f64,
/// f32, i32, u8, then by name), so each is aligned to its element. The first begins at a multiple
/// of 64 bytes. Throws `io`; `invalid_argument` for names that repeat or are not UTF-8.
void write_safetensors(const std::string& path, const TensorFile& file);

/// Reads all of it, tensors in the order of their bytes. Every length is checked against the file
/// before memory is taken for it. Throws `io` (no such file, a folder, ...), `corrupt_file`,
/// `unsupported` (another kind of file, other element types, too many dimensions),
/// `out_of_memory`.
TensorFile read_safetensors(const std::string& path);

}  // namespace diabolo
