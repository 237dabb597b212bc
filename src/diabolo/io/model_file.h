// A model as one file: tensors by name, everything else as JSON in the metadata key "diabolo"
// (docs/format.md). No times, paths, host or thread count: the same run gives the same bytes.
#pragma once

#include <diabolo/io/safetensors.h>
#include <diabolo/models/model_data.h>

#include <string>

namespace diabolo {

inline constexpr int kFormatVersion = 1;    // of the file
inline constexpr int kNumericsVersion = 1;  // of portable arithmetic and noise

/// Names of arrays that are no part of the model begin so: a checkpoint has some.
inline constexpr std::string_view kTraining = "training.";

/// What a model file holds, and back; `path` is for messages. Throws as read_model.
TensorFile to_tensors(const ModelData& model);
ModelData from_tensors(const TensorFile& file, const std::string& path,
                       const Components& components);

/// Written whole or not at all. Throws `io`.
void write_model(const std::string& path, const ModelData& model);

/// Throws `io`, `corrupt_file` for anything that is not a whole model, `unsupported` for a file of
/// a later format or with a component that `components` lack (named).
ModelData read_model(const std::string& path, const Components& components);

}  // namespace diabolo
