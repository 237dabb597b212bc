// Reads arrays, pictures and tables. What a file is, its content decides, not its ending:
// .npy; .npz ("file.npz:key"); IDX; both also inside gzip; PNG or JPEG (one row); a folder of them;
// CSV, TSV, Parquet, JSON lines.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/data/schema.h>

#include <string>

namespace diabolo {

struct ReadOptions {
  bool allow_not_finite = false;  ///< arrays: let NaN and infinity through (missing cells)
  TableOptions table = {};        ///< tables: how they are read
  SchemaRequest columns = {};     ///< tables: what their columns are; the rest is inferred
  /// Rows for a model of a table: its schema (Model::schema) instead. What the model does not know
  /// is logged as a warning.
  std::shared_ptr<const Schema> schema = {};
  bool allow_absent = false;  ///< columns that the model needs may be absent: they are missing
};

/// The rows at `path`. Throws one clear line: `io` (nothing there, not readable), `corrupt_file`,
/// `unsupported` (unknown content; tables without DuckDB), `shape` (no rows), `not_finite` (row and
/// column named); for tables also as read_table.h.
Dataset read(const std::string& path, const ReadOptions& options = {});

/// The array at `path` in its own shape (latents, labels): u8 as it is, all other types as f32. A
/// table must be of numbers. Throws as `read` does.
Tensor read_array(const std::string& path, const ReadOptions& options = {});

}  // namespace diabolo
