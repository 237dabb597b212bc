// A model as one file: tensors by name, everything else as JSON in the metadata key "diabolo"
// (docs/format.md). No times, paths, host or thread count: the same run gives the same bytes.
#pragma once

#include <diabolo/models/model_data.h>

#include <string>

namespace diabolo {

inline constexpr int kFormatVersion = 1;    // of the file
inline constexpr int kNumericsVersion = 1;  // of portable arithmetic and noise

/// Written whole or not at all. Throws `io`.
void write_model(const std::string& path, const ModelData& model);

/// Throws `io`, `corrupt_file` for anything that is not a whole model, `unsupported` for a file of
/// a later format or with a component that `components` lack (named).
ModelData read_model(const std::string& path, const Components& components);

}  // namespace diabolo
