// What a TableReader holds, for the writer too.
#pragma once

#include <diabolo/data/duckdb/reading.h>
#include <diabolo/data/table.h>

namespace diabolo {

struct TableReader::Impl {
  std::string path;
  duckdb::TableSource source;
  std::vector<Field> fields = {};
  std::unique_ptr<duckdb::Reading> reading = nullptr;  // of the pass under way, if there is one
};

}  // namespace diabolo
