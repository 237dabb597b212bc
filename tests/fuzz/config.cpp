#include <diabolo/cli/config.h>

#include "harness.h"

namespace {

std::size_t use(const std::string& path) {
  using namespace diabolo::cli;
  const std::vector<std::string> known = {
      "epochs", "hidden",           "model",   "prior", "beta",
      "seed",   "prior.components", "missing", "kind",  "scale"};
  Values values = read_config(path, known);
  drop_overridden(values, {{"model", "vae"}});
  format_config(values, known);
  as_options(values);
  return 0;
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
