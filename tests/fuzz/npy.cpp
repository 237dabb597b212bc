#include <diabolo/data/npy.h>

#include <diabolo/data/read.h>
#include <diabolo/data/table.h>

#include <cstring>

#include "harness.h"
#include "mutate.h"

namespace {

std::size_t use(const std::string& path) {
  using namespace diabolo;
  if (is_table(path)) return 0;  // DuckDB's
  const Dataset data = read(path, {.allow_not_finite = true});
  write_npy(data.values, data.values.shape(), fuzz::scratch_file());
  const Tensor again = read_npy(fuzz::scratch_file());
  fuzz::expect(again.shape() == data.values.shape() && again.dtype() == data.values.dtype() &&
                   std::memcmp(again.data(), data.values.data(), again.bytes()) == 0,
               "an array that was written comes back");
  return again.bytes();
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
DIABOLO_FUZZ_MUTATOR(diabolo::fuzz::mutate_npy)
