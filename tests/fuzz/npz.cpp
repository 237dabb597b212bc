// Zip archives. What the archive holds is changed, and its checksum made right, or the archive is.
#include <diabolo/data/npz.h>

#include <diabolo/data/dataset.h>

#include "harness.h"
#include "mutate.h"

namespace {

std::size_t use(const std::string& path) {
  const diabolo::Dataset data = diabolo::Dataset::from(diabolo::read_npz(path), path);
  diabolo::read_npz(path, "X");
  return data.values.bytes();
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
DIABOLO_FUZZ_MUTATOR(diabolo::fuzz::mutate_npz)
