// IDX, plain and inside gzip: what is inside is changed and packed again, or the pack is changed.
#include <diabolo/data/read.h>
#include <diabolo/data/table.h>

#include "harness.h"
#include "mutate.h"

namespace {

std::size_t use(const std::string& path) {
  if (diabolo::is_table(path)) return 0;  // DuckDB's
  const diabolo::Dataset data = diabolo::read(path);
  return data.values.bytes();
}

}  // namespace

DIABOLO_FUZZ_TARGET(use)
DIABOLO_FUZZ_MUTATOR(diabolo::fuzz::mutate_gzip)
