// Writes a dataset that is a table: cells (cells.h) become values again.
#pragma once

#include <diabolo/data/dataset.h>

namespace diabolo {

/// The modelled columns of `table` by the ending of `path`: .csv, .tsv, .parquet, .jsonl; .npy if
/// all are numbers. With `means` numbers need not lie on their columns' lattices. Throws
/// `unsupported` for another ending, or for text as .npy; as TableWriter does.
void write_table(const Dataset& table, const std::string& path, bool means = false);

}  // namespace diabolo
