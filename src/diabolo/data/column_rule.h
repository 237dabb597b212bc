// The rule: what a column is and how it is modelled, from its statistics. The first line that fits
// holds; the numbers are constants at the top of column_rule.cpp. `rows` are those with a value.
//
//   column                                              kind             code     likelihood
//   no value, or one                                    constant         -        left out
//   text, 95 % of 20 rows or more different             identifier       -        left out
//   whole numbers, as different, and rising by row or
//     without gaps (a number for each row)              identifier       -        left out
//   booleans, or two values                             boolean, binary  levels   bernoulli
//   other text                                          categorical      levels   categorical
//   numbers of at most 12 values, 5 rows for each, or
//     of at most 128 values, 50 rows for each           by its numbers   levels   categorical
//   other numbers of 2,000 rows or more, on a lattice,
//     or with 1 % of them at one value, or with very
//     heavy tails (kurtosis 20, of logarithms where
//     the next line would hold)                         by its numbers   bins     bins
//   other numbers above 0 and skewed, their logarithms
//     less so                                           by its numbers   log      normal, student
//   other numbers                                       by its numbers   linear   normal, student
//
// With more than 512 columns the 128 values and bins become fewer. Student-t stands for normal if
// the excess kurtosis (of what is coded) is above 3. Kinds of numbers: datetime by type; count for
// whole numbers; bounded for real numbers that touch both 0 and 1, or 0 and 100; positive for those
// of the line `log`; else continuous.
#pragma once

#include <diabolo/data/column_statistics.h>
#include <diabolo/data/schema.h>

#include <optional>

namespace diabolo {

/// What a user asks for.
struct ColumnWish {
  std::optional<Kind> kind = {};
  std::string likelihood = {};  // empty: by the rule
};

/// Throws `invalid_argument` if the type of a column can never be of this kind or have this
/// likelihood, as far as is known without its values.
void check_wish(const Field& field, const ColumnWish& wish);

/// The levels or bins that the rule gives a column of numbers at most: 128, fewer if there are many
/// columns, so that all together stay within kMostLevels.
std::int64_t most_levels_of_numbers(std::size_t columns);

/// The column as it is modelled. Throws `invalid_argument` for a wish that the values do not allow,
/// and for text of more than kMostLevels values.
ColumnSchema model_column(const ColumnStatistics& statistics, const ColumnWish& wish = {},
                          std::int64_t most_levels = most_levels_of_numbers(1));

}  // namespace diabolo
