// Model files: the container, the description, the arrays. Lengths are made right after a change.
#include <diabolo/io/model_file.h>

#include "harness.h"
#include "mutate.h"
#include "use_model.h"

namespace {

std::size_t use(const std::string& path) {
  using namespace diabolo;
  ModelData model = read_model(path, {});
  write_model(fuzz::scratch_file(), model);
  const ModelData again = read_model(fuzz::scratch_file(), {});
  fuzz::expect(again.composition == model.composition && again.settings == model.settings &&
                   again.holes.size() == model.holes.size(),
               "a model that was written comes back");
  fuzz::use_model(std::move(model));
  return 0;
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
DIABOLO_FUZZ_MUTATOR(diabolo::fuzz::mutate_safetensors)
