// A value of a table as a person reads it, in messages and tables for the terminal.
#pragma once

#include <diabolo/data/table.h>

namespace diabolo {

/// "12", "0.25", "true", "2004-03-10", "18:00:00", "2004-03-10 18:00:00"; numbers in full.
std::string value_text(ColumnType type, double value);
/// Numbers in at most five digits: for ranges.
std::string short_value_text(ColumnType type, double value);

}  // namespace diabolo
