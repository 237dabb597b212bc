// Rows of a table to cells, the numbers that a model sees, and back. A cell is NaN where the value
// is missing. Their order is that of cell_groups (schema.h).
#pragma once

#include <diabolo/data/schema.h>

#include <span>

namespace diabolo {

/// What happened to values that the model has never seen.
struct CellNotes {
  struct Note {
    std::int64_t count = 0;
    std::string first;            ///< the first such value
    std::int64_t first_row = -1;  ///< from 0
    /// All of them, rising; of categories alone, which are values that the model does not see.
    std::vector<std::int64_t> rows = {};
  };
  std::map<std::string, Note> unseen;  ///< by column: categories it does not know, taken as missing
  std::map<std::string, Note> outside;  ///< numbers beyond the range of training, kept (columns of
                                        ///< bins: in the first or last bin; of levels: those that
                                        ///< are not among them, taken for the next one)
  std::vector<std::string> ignored;     ///< columns of the table that the schema lacks
  std::vector<std::string> absent;      ///< columns of the model that the table lacks; missing
};

class CellEncoder {
 public:
  /// `fields` are the columns of the table that is read, found by name in any order. Throws
  /// `invalid_argument` for a column that the model needs and that is not there, unless
  /// `allow_absent`; for one of another type (whole and real numbers may stand for each other and
  /// for booleans, dates for timestamps; a column of text may stand for any if all of it is
  /// missing, which `encode` checks). Keeps a copy of what it needs of the schema.
  CellEncoder(const Schema& schema, const std::vector<Field>& fields, bool allow_absent = false);

  std::int64_t cells() const { return static_cast<std::int64_t>(slots_.size()); }
  /// cells [rows, cells()] row-major, and for each row the sum of log slopes of its observed cells
  /// (if that span is not empty). Throws `not_finite`, naming row and column, for infinities.
  void encode(const TableChunk& chunk, std::span<float> cells, std::span<double> log_slopes);
  const CellNotes& notes() const { return notes_; }

 private:
  struct Slot;
  struct Block;
  void take_block(const Slot& slot, const ColumnValues& values, const Block& block);
  void take_texts(const Slot& slot, const ColumnValues& values, const Block& block);
  void take_levels(const Slot& slot, const ColumnValues& values, const Block& block);
  void take_numbers(const Slot& slot, const ColumnValues& values, const Block& block);
  CellNotes::Note& note(std::map<std::string, CellNotes::Note>& notes, const Slot& slot,
                        std::string value, std::int64_t row);
  void note_unseen(const Slot& slot, std::string value, std::int64_t row);

  std::vector<std::shared_ptr<const Slot>> slots_;
  CellNotes notes_;
  std::int64_t rows_ = 0;  // that came before
};

/// Cells [rows, cells] to the values of the used columns, in the order of the schema. Text points
/// into the schema. Numbers stay within the range of training and on their lattice. `mean`: they
/// are means and need no lattice, but types are kept: integers are whole, dates whole days; between
/// two levels that are numbers (not names) lies what is between them.
void decode_cells(const Schema& schema, std::span<const float> cells, bool mean, TableChunk& chunk);

/// The column of the schema that each cell belongs to.
std::vector<int> cell_columns(const Schema& schema);
/// The name of that column, and its code.
std::vector<std::string> cell_names(const Schema& schema);
std::vector<const ColumnCode*> cell_codes(const Schema& schema);

}  // namespace diabolo
