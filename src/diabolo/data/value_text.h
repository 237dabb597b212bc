// A value of a table as a person reads and writes it, in messages, tables for the terminal and on
// the command line.
#pragma once

#include <diabolo/data/table.h>

#include <optional>

namespace diabolo {

/// "12", "0.25", "true", "2004-03-10", "18:00:00", "2004-03-10 18:00:00"; numbers in full.
std::string value_text(ColumnType type, double value);
/// The same, of booleans in the column's own words.
std::string value_text(const Field& field, double value);
/// Numbers in at most five digits: for ranges.
std::string short_value_text(const Field& field, double value);
/// The number that `text` is in a column that is no text: a boolean by its words or true, yes, ...;
/// a date or time in the column's format or as value_text writes it (a T for the space, seconds may
/// lack, fractions and a zone as +01:00 may follow); else a finite number, also of these. Nothing
/// if it is none.
std::optional<double> parse_value(const Field& field, const std::string& text);

}  // namespace diabolo
