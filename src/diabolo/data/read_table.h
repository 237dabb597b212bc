// A table as a dataset: rows of cells (cells.h). A table is read a block of rows at a time; what
// stays in memory is a number of 4 bytes a cell, or in a file if that is much
// (tensor/file_memory.h).
#pragma once

#include <diabolo/data/cells.h>
#include <diabolo/data/dataset.h>

namespace diabolo {

/// Infers a schema from the table, and reads it: two passes. Throws as TableReader, SchemaBuilder
/// and CellEncoder do.
Dataset read_table(TableReader& reader, const SchemaRequest& request = {});

/// Reads a table by the schema of a model. What was unseen, ignored or absent is noted in `notes`
/// (if not null).
Dataset read_table(TableReader& reader, std::shared_ptr<const Schema> schema,
                   bool allow_absent = false, CellNotes* notes = nullptr);

/// How a table is opened for a model: its words for missing are known, and columns are read as what
/// they are to it and dates in the form that they had, whatever the rows of this file look like.
void prepare(TableOptions& options, const Schema& schema);
/// How a table is opened to learn from: names stay as they are written, also those of digits. The
/// request is told the words for missing.
void prepare(TableOptions& options, SchemaRequest& request);

/// Each a line for the user.
std::vector<std::string> warnings(const CellNotes& notes);

}  // namespace diabolo
