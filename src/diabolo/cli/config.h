// Configuration files: TOML with the names of the options, components as tables.
//
//   epochs = 20
//   hidden = [400, 200]
//   [prior]
//   type = "mixture"
//   components = 10
#pragma once

#include <diabolo/cli/options.h>

namespace diabolo::cli {

/// The settings in a file, as the command line would give them: {"prior.components", "10"}.
/// Throws Error `io`; UsageError for what is no TOML, and for keys beyond `known`.
Values read_config(const std::string& path, const std::vector<std::string>& known);

/// Takes from `file` what the command line makes void: `--model` replaces the file's components,
/// `--prior` the settings of its prior, and so on.
void drop_overridden(Values& file, const Values& given);

/// The text of a file with these settings. `order`: names, the first ones first.
std::string format_config(const Values& settings, const std::vector<std::string>& order);

/// A model's settings as options of the command line: what its components say under a name of
/// its own (hidden, activation) stands there only.
Values as_options(std::map<std::string, std::string> settings);

}  // namespace diabolo::cli
