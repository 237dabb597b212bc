// One pass over the rows of a source: DuckDB's blocks become blocks of a table.
#pragma once

#include <diabolo/data/duckdb/source.h>

namespace diabolo::duckdb {

class Reading {
 public:
  /// `source` must outlive it. Throws as TableReader does.
  explicit Reading(const TableSource& source);

  /// The next block; false at the end. Text stays valid until the next call.
  bool next(TableChunk& chunk);

 private:
  const TableSource& source_;
  Connection connection_;
  std::unique_ptr<Stream> stream_;
  Chunk block_;
  std::int64_t row_ = 0, chunk_rows_ = 0;  // where the block begins, its size
};

}  // namespace diabolo::duckdb
