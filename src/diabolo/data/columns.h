// Tables in memory: from named columns to a dataset, and from a dataset (samples, for one) back to
// the values of a column. What read_table.h does for files.
#pragma once

#include <diabolo/data/dataset.h>
#include <diabolo/data/schema.h>

namespace diabolo {

/// Numbers (NaN: missing) or texts (empty: missing), one for each row.
struct Column {
  std::string name;
  std::vector<double> numbers = {};
  std::vector<std::string> texts = {};

  std::size_t size() const { return texts.empty() ? numbers.size() : texts.size(); }
};

/// Columns of one length as a table, as if they had been read from a CSV file: numbers that are all
/// whole are integers, and a schema is inferred. Throws `invalid_argument` for columns of different
/// lengths or with numbers and texts, and as SchemaBuilder and CellEncoder do.
Dataset make_table(const std::vector<Column>& columns, const SchemaRequest& request = {});

/// The same by the schema of a model (Model::schema), for rows that it is to work on.
Dataset make_table(const std::vector<Column>& columns, std::shared_ptr<const Schema> schema,
                   bool allow_absent = false);

/// The values of a column of a table that is modelled; dates and times as seconds (table.h). Throws
/// `invalid_argument` for no such column.
Column column(const Dataset& table, std::string_view name);

/// A copy of a table in which these columns are missing. Throws `invalid_argument` for no such
/// column.
Dataset without(const Dataset& table, const std::vector<std::string>& columns);

/// Makes cells missing, in place: with one of a table goes what its density owes for its code.
class CellHider {
 public:
  /// `data`, an array of f32 or a table, must outlive it.
  explicit CellHider(Dataset& data);
  void hide(std::size_t row, std::size_t cell);

 private:
  Dataset& data_;
  std::vector<const ColumnCode*> codes_;  // of a table
};

/// The place among a row's cells of a column of a table, that is in `Dataset::columns`. Throws
/// `invalid_argument` for no such column.
std::size_t cell_named(const Dataset& table, std::string_view name);

}  // namespace diabolo
