// The verbs. Each is a file of its own and takes what stands after its name on the command line; it
// returns the exit code or throws UsageError, Error, OutputClosed.
#pragma once

#include <diabolo/apps/model.h>
#include <diabolo/cli/options.h>

#include <span>
#include <string>
#include <string_view>

namespace diabolo::cli {

using Arguments = std::span<const std::string>;

int fit(Arguments arguments);
int evaluate(Arguments arguments);
int encode(Arguments arguments);
int decode(Arguments arguments);
int reconstruct(Arguments arguments);
int sample(Arguments arguments);
int score(Arguments arguments);
int impute(Arguments arguments);
int predict(Arguments arguments);
int report(Arguments arguments);
int info(Arguments arguments);

struct Verb {
  std::string_view name, purpose;
  int (*run)(Arguments);
};

std::span<const Verb> verbs();
std::string_view purpose(std::string_view verb);

inline constexpr std::string_view kModelHelp = "a run folder, or its model.safetensors";
inline constexpr std::string_view kDataHelp =
    ".csv, .tsv, .parquet, .jsonl; .npy, .npz (file.npz:key), IDX, gzipped or not; a picture, a "
    "folder of PNG or JPEG; - is standard input";

/// The model, set up as the options say and with the kernels that it was trained with.
Model load_model(const std::string& path, const Common& common);

}  // namespace diabolo::cli
