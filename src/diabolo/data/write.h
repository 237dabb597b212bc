// Writes rows by the ending of the path: .npy, .csv, .png (one picture: a grid of all rows), or a
// folder of pictures (a path that ends in '/', or an existing folder); tables also .tsv, .parquet,
// .jsonl. Nothing is ever left
// half-written: on an error what was there before is there still.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/data/grid.h>

#include <string>
#include <vector>

namespace diabolo {

struct WriteOptions {
  std::vector<std::string> columns = {};  ///< names for CSV; empty: column_prefix and a number
  std::string column_prefix = "c";
  GridOptions grid = {};  ///< for pictures
  bool means = false;     ///< numbers of a table are means and need not have its decimals
};

/// Throws unless `write` knows what to do with this path and rows of this shape; writes nothing.
/// For asking before the work is done.
void check_writable(const std::string& path, const Shape& row_shape);

/// Writes `rows` [N, D] (u8 or f32; .npy and .csv: any type), each of `row_shape`.
/// .npy has shape [N, ...row_shape]; a folder gets 0000.png, 0001.png, ...
/// Throws `io`, `unsupported` (an ending that it does not know), `shape` (rows are no pictures).
void write(const Tensor& rows, const Shape& row_shape, const std::string& path,
           const WriteOptions& options = {});

/// The same for a dataset, with its column names. Rows of a table become what they stand for: its
/// modelled columns as .csv, .tsv, .parquet, .jsonl, or .npy if all are numbers.
void write(const Dataset& data, const std::string& path, WriteOptions options = {});

}  // namespace diabolo
