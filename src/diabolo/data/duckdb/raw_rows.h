// The cells of an input table as text, one row after another: as they stand in a CSV file, or in
// the form that casts back to the same value.
#pragma once

#include <diabolo/data/duckdb/source.h>

namespace diabolo::duckdb {

class RawRows {
 public:
  /// `columns`: which of the source's; they come in this order. `as_is`: cells of a CSV file stay
  /// as they are; else numbers and booleans get their plain form, and missing words go.
  RawRows(const TableSource& source, std::vector<int> columns, bool as_is);

  /// Goes to the next row; false at the end. Throws as TableReader does.
  bool next();
  /// Throws `io` if there is another row, because the file has changed.
  void expect_end();
  /// Of the current row; data() == nullptr: missing. Valid until the next row.
  std::string_view cell(std::size_t column);

 private:
  std::string_view plain(const SourceColumn& column, std::string_view cell,
                         std::string& room) const;

  const TableSource& source_;
  std::vector<int> columns_;
  bool as_is_;
  Connection connection_;
  std::unique_ptr<Stream> stream_;
  Chunk block_;
  std::size_t rows_ = 0, row_ = 0;
  std::vector<const StringCell*> values_;
  std::vector<const std::uint64_t*> validity_;
  std::vector<std::string> rooms_;
};

}  // namespace diabolo::duckdb
