// What a user says of a text file's form (--csv key=value), checked, as options of DuckDB's reader.
#pragma once

#include <map>
#include <string>

namespace diabolo::duckdb {

/// Options by DuckDB's names, their values as SQL.
class CsvOptions {
 public:
  /// Throws `invalid_argument` for an unknown key, naming the nearest, or a value of another type.
  explicit CsvOptions(const std::map<std::string, std::string>& options);

  bool has(const std::string& key) const { return values_.contains(key); }
  /// The value as the user gave it, or nothing.
  std::string text(const std::string& key) const;
  void set(const std::string& key, std::string text, std::string sql);
  void remove(const std::string& key) { values_.erase(key); }
  /// ", key = value" for each.
  std::string sql() const;

 private:
  struct Value {
    std::string text, sql;
  };
  std::map<std::string, Value> values_;
};

}  // namespace diabolo::duckdb
