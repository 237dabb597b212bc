// Cells as text: which mean missing, which are numbers or booleans, and values written as text.
#pragma once

#include <diabolo/data/table.h>

#include <span>

namespace diabolo::duckdb {

/// Without spaces, tabs and line ends at its own ends.
std::string_view trim(std::string_view text);

/// Words and numbers that mean missing.
class Missing {
 public:
  explicit Missing(std::span<const std::string> more = {});

  /// Of a trimmed text.
  bool is_word(std::string_view text) const;
  /// Of a number: NaN, and those among the words that were given.
  bool is_number(double x) const;
  const std::vector<std::string>& words() const { return words_; }
  /// Those of the words given that are numbers.
  const std::vector<double>& numbers() const { return numbers_; }

 private:
  std::vector<std::string> words_;
  std::vector<double> numbers_;
  std::size_t longest_ = 0;
};

struct NumberStyle {
  char decimal = '.';
  char thousands = 0;  // none
};

/// The number that a trimmed text is; false if it is none. "inf" and "nan" are.
bool parse_number(std::string_view text, NumberStyle style, double& number);
/// As a person would take it for a number: finite, no zeros before it.
bool looks_like_number(std::string_view text, NumberStyle style);

/// The boolean that a trimmed word is (true, Yes, t, 1, ...); false if it is none.
bool parse_boolean(std::string_view text, bool& value);
/// "True/False" for "True" and for "False": the pair of words that `text` belongs to; else "".
std::string boolean_words(std::string_view text);

/// True if text may be a date by this format or by ISO's: there is none that is another one by
/// each. By %Y-%d-%m 2020-05-06 is of June, so 2020-05-13, which is none, must not be of May.
bool takes_iso(std::string_view date_format);

/// "a number", "a whole number", "date", ...: for messages about a cell that is none.
std::string_view expected_cell(ColumnType type);

/// A number of a column as text: fewest digits, booleans by the words of `field.format`, dates and
/// times by its format or ISO. NaN: empty.
std::string format_cell(const Field& field, double x, char decimal = '.');

}  // namespace diabolo::duckdb
