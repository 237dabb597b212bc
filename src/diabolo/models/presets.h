// Named models: a paper's model is a name and the components with their settings. Nothing outside
// this file knows the names.
#pragma once

#include <diabolo/models/vae.h>

#include <string>
#include <vector>

namespace diabolo {

struct Preset {
  std::string name;
  std::string summary;  // one line, with the paper
  Composition composition;
};

/// ae, vae, beta-vae, constrained-vae.
const std::vector<Preset>& presets();

/// Throws `invalid_argument` naming the nearest known one.
const Preset& preset(const std::string& name);

}  // namespace diabolo
