// Adds rows of text to a table of VARCHAR columns.
#pragma once

#include <diabolo/data/duckdb/database.h>

#include <span>

namespace diabolo::duckdb {

class Appender {
 public:
  /// Throws Failure.
  Appender(const Connection& connection, const std::string& table, std::size_t columns);
  ~Appender();
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  /// Cells with data() == nullptr are missing. Throws Failure.
  void add(std::span<const std::string_view> row);
  /// Throws Failure.
  void finish();

 private:
  void flush();
  AppenderHandle handle_ = nullptr;
  ChunkHandle chunk_ = nullptr;
  std::size_t columns_, rows_ = 0, most_;
};

}  // namespace diabolo::duckdb
