// A column of a schema out of JSON, checked key by key, and as a whole where it must be whole.
#pragma once

#include <diabolo/data/schema.h>
#include <diabolo/io/schema_keys.h>

namespace diabolo {

inline constexpr std::array<const char*, 4> kCodeForms{"linear", "log", "levels",
                                                       "bins"};  // as ColumnCode::Form

/// How a file is read.
struct SchemaReading {
  std::string_view where;
  ErrorCode code;
  bool whole;  // everything must be there and fit together

  SchemaKeys keys(const SchemaJson& object, std::string owner,
                  const std::vector<std::string>& known) const {
    return SchemaKeys(object, std::move(owner), where, code, known);
  }
};

/// `place` is its number from 0, for messages on a column without a name.
ColumnSchema column_from_json(const SchemaJson& json, std::size_t place, std::int64_t rows,
                              const SchemaReading& reading);

}  // namespace diabolo
