// Help for the tests of tables: they skip where DuckDB's library is absent; a table as a string.
#pragma once

#include <diabolo/data/table.h>

#include <cmath>

#include "files.h"

namespace diabolo {

class TableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!have_tables(&why)) GTEST_SKIP() << why;
  }
  TempFolder folder;
};

/// "a integer, b text": names and types, a format in brackets.
inline std::string fields_of(const TableReader& reader) {
  std::string text;
  for (const Field& field : reader.fields()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", field.name, name(field.type));
    if (!field.format.empty()) text += fmt::format(" [{}]", field.format);
  }
  return text;
}

/// Its rows: cells separated by '|', each row ended by ';'. Missing cells are '-'.
inline std::string rows_of(TableReader& reader) {
  std::string text;
  TableChunk chunk;
  while (reader.next(chunk))
    for (std::size_t i = 0; i < static_cast<std::size_t>(chunk.rows); ++i) {
      for (std::size_t j = 0; j < chunk.columns.size(); ++j) {
        const ColumnValues& cells = chunk.columns[j];
        if (j > 0) text += '|';
        if (cells.text.empty())
          text += std::isnan(cells.numbers[i]) ? "-" : fmt::format("{}", cells.numbers[i]);
        else
          text += cells.text[i].data() == nullptr ? "-" : std::string(cells.text[i]);
      }
      text += ';';
    }
  return text;
}

inline std::string rows_of(const std::string& path, const TableOptions& options = {}) {
  TableReader reader(path, options);
  return rows_of(reader);
}

inline std::string fields_of(const std::string& path, const TableOptions& options = {}) {
  return fields_of(TableReader(path, options));
}

}  // namespace diabolo
