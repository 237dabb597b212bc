#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/reading.h>
#include <diabolo/data/source.h>

#include <cmath>
#include <limits>

namespace diabolo::duckdb {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A column of a block, and where its first row stands in the table.
struct Cells {
  const TableSource& source;
  const SourceColumn& column;
  const Chunk& block;
  std::size_t place;  // in the block
  std::int64_t row;

  [[noreturn]] void refuse(std::size_t i, std::string_view cell) const {
    fail(ErrorCode::corrupt_file, "table",
         "expected {} in column {}, row {} (counted from 0) of {}, got {}; correct the cell, or {}",
         expected_cell(column), in_quotes(column.field.name), row + static_cast<std::int64_t>(i),
         in_quotes(source.name), in_quotes(cell), other_way(cell));
  }

  /// What may be done beside correcting the cell.
  std::string other_way(std::string_view cell) const {
    const Field& field = column.field;
    if (!column.expected.empty())
      return field.type == ColumnType::date
                 ? "say how dates are written, as in --csv dateformat=%d.%m.%Y"
                 : "say how times are written, as in --csv 'timestampformat=%d.%m.%Y %H:%M:%S'";
    if (source.by_schema) return "name it as missing (--missing)";
    double x = 0;
    if (field.type == ColumnType::integer && parse_number(trim(cell), column.style, x))
      return "give --csv sample_size=-1 to look at all rows first";
    return fmt::format("give --missing, or --kind {}=categorical", field.name);
  }

  /// Calls f(i, value) for each cell that is there.
  template <class T, class F>
  void each(F&& f) const {
    const auto* values = block.values<T>(place);
    const auto* validity = block.validity(place);
    const std::size_t rows = block.rows();
    for (std::size_t i = 0; i < rows; ++i)
      if (is_valid(validity, i)) f(i, values[i]);
  }
};

void read_text(const Cells& cells, std::vector<std::string_view>& text) {
  cells.each<StringCell>([&](std::size_t i, const StringCell& value) {
    const std::string_view cell = text_of(value);
    if (!cells.source.missing.is_word(trim(cell))) text[i] = cell;
  });
}

void read_number(const Cells& cells, std::vector<double>& numbers) {
  const ColumnType type = cells.column.field.type;
  const auto take = [&](std::size_t i, double x, auto&& cell) {
    const bool fits = type == ColumnType::integer   ? x == std::floor(x)
                      : type == ColumnType::boolean ? x == 0 || x == 1
                                                    : true;
    if (cells.source.missing.is_number(x)) return;
    if (!fits) cells.refuse(i, cell());
    numbers[i] = x;
  };
  if (cells.column.form == Form::number)
    return cells.each<double>(
        [&](std::size_t i, double x) { take(i, x, [&] { return fmt::format("{}", x); }); });
  cells.each<StringCell>([&](std::size_t i, const StringCell& value) {
    const std::string_view cell = trim(text_of(value));
    if (cells.source.missing.is_word(cell)) return;
    double x = 0;
    if (!parse_number(cell, cells.column.style, x)) cells.refuse(i, text_of(value));
    take(i, x, [&] { return cell; });
  });
}

void read_boolean(const Cells& cells, std::vector<double>& numbers) {
  if (cells.column.form == Form::boolean)
    return cells.each<bool>([&](std::size_t i, bool value) { numbers[i] = value ? 1 : 0; });
  cells.each<StringCell>([&](std::size_t i, const StringCell& text) {
    const std::string_view cell = trim(text_of(text));
    if (cells.source.missing.is_word(cell)) return;
    bool value = false;
    if (!parse_boolean(cell, value)) cells.refuse(i, text_of(text));
    numbers[i] = value ? 1 : 0;
  });
}

/// Dates and timestamps have two infinities, the ends of their integers.
template <class T>
double seconds_of(T value, double unit) {
  if (value == std::numeric_limits<T>::max()) return kInfinity;
  if (value == -std::numeric_limits<T>::max()) return -kInfinity;
  return static_cast<double>(value) * unit;
}

void read_moment(const Cells& cells, std::vector<double>& numbers) {
  if (cells.column.form == Form::date) {
    cells.each<std::int32_t>(
        [&](std::size_t i, std::int32_t days) { numbers[i] = seconds_of(days, kDay); });
  } else {
    cells.each<std::int64_t>([&](std::size_t i, std::int64_t micros) {
      numbers[i] = static_cast<double>(micros) / 1e6;
      if (cells.column.form == Form::timestamp) {
        const double ends = seconds_of(micros, 1e-6);
        if (std::isinf(ends)) numbers[i] = ends;
      }
    });
  }
  if (cells.column.text.empty()) return;
  Cells texts = cells;  // the next column
  ++texts.place;
  texts.each<StringCell>([&](std::size_t i, const StringCell& text) {
    if (!std::isnan(numbers[i])) return;
    if (!cells.source.missing.is_word(trim(text_of(text)))) cells.refuse(i, text_of(text));
  });
}

}  // namespace

Reading::Reading(const TableSource& source) : source_(source), connection_(source.database) {
  std::string cells;
  for (const SourceColumn& column : source.columns) {
    cells += (cells.empty() ? "" : ", ") + column.value;
    if (!column.text.empty()) cells += ", " + column.text;
  }
  try {
    stream_ = std::make_unique<Stream>(connection_,
                                       fmt::format("SELECT {} FROM {} AS t", cells, source.from));
  } catch (const Failure& failure) {
    refuse_file(failure, source);
  }
}

bool Reading::next(TableChunk& chunk) {
  row_ += chunk_rows_;
  chunk_rows_ = 0;
  try {
    block_ = stream_->next();
  } catch (const Failure& failure) {
    refuse_file(failure, source_);
  }
  chunk.columns.resize(source_.columns.size());
  const std::size_t rows = block_ ? block_.rows() : 0;
  chunk.rows = chunk_rows_ = static_cast<std::int64_t>(rows);
  if (!block_) {
    check_unchanged(source_);
    return false;
  }
  std::size_t place = 0;
  for (std::size_t j = 0; j < source_.columns.size(); ++j) {
    const SourceColumn& column = source_.columns[j];
    const Cells cells{source_, column, block_, place, row_};
    ColumnValues& values = chunk.columns[j];
    const bool is_text = column.form == Form::text;
    values.numbers.assign(is_text ? 0 : rows, kMissing);
    values.text.assign(is_text ? rows : 0, {});
    if (is_text)
      read_text(cells, values.text);
    else if (column.form == Form::number || column.form == Form::number_text)
      read_number(cells, values.numbers);
    else if (column.form == Form::boolean || column.form == Form::boolean_text)
      read_boolean(cells, values.numbers);
    else
      read_moment(cells, values.numbers);
    place += column.text.empty() ? 1 : 2;
  }
  return true;
}

}  // namespace diabolo::duckdb
