// What a run was begun with, as its checkpoint keeps it, so that it can go on.
#pragma once

#include <diabolo/cli/options.h>
#include <diabolo/models/model_data.h>

#include <optional>
#include <string>

namespace diabolo::cli {

struct BegunWith {
  std::string data;          ///< where the rows are: an absolute path, or "-"
  Values given;              ///< settings of the configuration file and the command line
  std::string machine = {};  ///< in words, where the training last began or went on; or empty
};

inline constexpr const char* kCheckpointEvery = "60s";

/// The same from every working folder; "-" stays.
std::string absolute_path(const std::string& path);

/// The note of a checkpoint (train/checkpoint.h).
std::string to_note(const BegunWith& begun);
/// Throws Error `corrupt_file` for what is no such note, naming `path`.
BegunWith from_note(const std::string& note, const std::string& path);

/// A setting of the model as a number; nothing if it has none, or another.
std::optional<double> number_of_setting(const ModelData& model, const std::string& name);

/// Every setting in force of a model that was fitted with what was `given`.
Values settings_in_force(const ModelData& model, const Values& given);

/// If the rows are to be read otherwise than as the run began, a line that says so; or empty. Only
/// the rows tell whether it matters: a kind may be said that a column has anyway.
std::string changed_reading(const Values& given, const Values& begun);

/// True if all of `given` was said when the run began, too, but for what may change, and there are
/// no more epochs than `model` was trained for: then nothing needs to be compared.
bool says_the_same(const Values& given, const Values& begun, const ModelData& model);

}  // namespace diabolo::cli
