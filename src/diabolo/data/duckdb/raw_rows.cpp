#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/raw_rows.h>
#include <diabolo/data/duckdb/sql.h>
#include <fmt/format.h>

#include <cmath>

namespace diabolo::duckdb {

RawRows::RawRows(const TableSource& source, std::vector<int> columns, bool as_is)
    : source_(source),
      columns_(std::move(columns)),
      as_is_(as_is),
      connection_(source.database),
      rooms_(columns_.size()) {
  std::vector<std::string> cells{"''"};  // rows count even if no column is wanted
  for (const int j : columns_) {
    const SourceColumn& of = source.columns[static_cast<std::size_t>(j)];
    const std::string cell = column(static_cast<std::size_t>(j));
    const bool is_text =
        of.form == Form::text || of.form == Form::number_text || of.form == Form::boolean_text;
    if (source.is_text && (as_is || is_text))
      cells.push_back(cell);
    else if (source.is_text || (!as_is && !of.text.empty()))  // a date that was text
      cells.push_back(fmt::format("CAST({} AS VARCHAR)", of.value));
    else if (of.field.is_opaque && is_nested(of.field.sql_type))
      cells.push_back(fmt::format("CAST(to_json({}) AS VARCHAR)", cell));
    else
      cells.push_back(fmt::format("CAST({} AS VARCHAR)", cell));
  }
  try {
    stream_ = std::make_unique<Stream>(
        connection_, fmt::format("SELECT {} FROM {} AS t", fmt::join(cells, ", "), source.from));
  } catch (const Failure& failure) {
    refuse_file(failure, source);
  }
}

bool RawRows::next() {
  if (++row_ < rows_) return true;
  try {
    block_ = stream_->next();
  } catch (const Failure& failure) {
    refuse_file(failure, source_);
  }
  row_ = 0;
  rows_ = block_ ? block_.rows() : 0;
  if (!block_) check_unchanged(source_);
  values_.clear();
  validity_.clear();
  for (std::size_t j = 0; block_ && j < columns_.size(); ++j) {
    values_.push_back(block_.values<StringCell>(j + 1));
    validity_.push_back(block_.validity(j + 1));
  }
  return rows_ > 0;
}

void RawRows::expect_end() {
  if (!next()) return;
  check_unchanged(source_);
  ensure(false, "write", "as many rows as the input has");
}

std::string_view RawRows::cell(std::size_t column) {
  if (!is_valid(validity_[column], row_)) return {};
  const std::string_view cell = text_of(values_[column][row_]);
  const auto place = static_cast<std::size_t>(columns_[column]);
  if (!source_.is_text) {  // "540.0" as new numbers are written: "540"
    const bool is_real = source_.columns[place].field.type == ColumnType::real;
    return is_real && cell.ends_with(".0") ? cell.substr(0, cell.size() - 2) : cell;
  }
  return as_is_ ? cell : plain(source_.columns[place], cell, rooms_[column]);
}

std::string_view RawRows::plain(const SourceColumn& column, std::string_view cell,
                                std::string& room) const {
  const std::string_view trimmed = trim(cell);
  if (source_.missing.is_word(trimmed)) return {};
  bool truth = false;
  double number = 0;
  if (column.form == Form::boolean_text && parse_boolean(trimmed, truth)) {
    room = truth ? "true" : "false";
    return room;
  }
  if (column.form == Form::number_text && parse_number(trimmed, column.style, number)) {
    constexpr double kExact = 1e15;  // larger whole numbers keep their digits
    if (column.field.type == ColumnType::integer && std::abs(number) > kExact &&
        trimmed.find_first_not_of("+-0123456789") == std::string_view::npos)
      return trimmed;
    room = column.field.type == ColumnType::integer ? fmt::format("{:.0f}", number)
                                                    : fmt::format("{}", number);
    return room;
  }
  return cell;
}

}  // namespace diabolo::duckdb
