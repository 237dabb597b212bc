// Cells that are new or replaced become text, the others come as text from the input read again;
// both meet here row by row, so nothing is held but a block.
#include <diabolo/base/error.h>
#include <diabolo/data/duckdb/raw_rows.h>
#include <diabolo/data/duckdb/sink.h>
#include <diabolo/data/source.h>
#include <diabolo/data/table_impl.h>

#include <cmath>
#include <set>

namespace diabolo {
namespace {

using duckdb::Dialect;

bool is_csv(TableFormat format) { return format == TableFormat::csv || format == TableFormat::tsv; }

/// Of the input where both are CSV files, but a .tsv file has tabs, and a .csv file of a .tsv
/// commas.
Dialect dialect_for(TableFormat format, const duckdb::TableSource* input) {
  Dialect dialect;
  if (input != nullptr && is_csv(input->format)) dialect = input->dialect;
  if (input == nullptr || input->format != format)
    dialect.delimiter.assign(1, format == TableFormat::tsv ? '\t' : ',');
  return dialect;
}

/// The name as it stands in the input's header, unless it was changed.
std::string name_for(const OutputColumn& column, const duckdb::TableSource& input) {
  const auto& of = input.columns[static_cast<std::size_t>(column.from)];
  const bool same = input.is_text && input.dialect.header && of.field.name == column.field.name;
  return same ? of.header : column.field.name;
}

}  // namespace

struct TableWriter::Impl {
  std::vector<OutputColumn> columns;
  char decimal = '.';
  std::unique_ptr<duckdb::RawRows> input;
  std::vector<int> places = {};  // of each column among those of `input`, or -1
  std::unique_ptr<duckdb::Sink> sink = nullptr;
  std::vector<std::string> rooms = {};
  std::vector<std::string_view> row = {};

  std::string_view cell(std::size_t j, const TableChunk& chunk, std::size_t i);
};

TableWriter::TableWriter(const std::string& path, TableFormat format,
                         std::vector<OutputColumn> columns, const TableReader* input)
    : impl_(new Impl) {
  Impl& impl = *impl_;
  const duckdb::TableSource* source = input == nullptr ? nullptr : &input->impl_->source;
  std::vector<std::string> names;
  std::vector<Field> fields;
  std::vector<int> from;
  std::set<std::string> known_names;
  for (OutputColumn& column : columns) {
    check(known_names.insert(column.field.name).second, ErrorCode::invalid_argument, "write",
          "expected columns of different names, got {} twice; rename one",
          in_quotes(column.field.name));
    const bool repeats = column.from >= 0;
    const bool known =
        source != nullptr && static_cast<std::size_t>(column.from) < source->columns.size();
    ensure(!repeats || known, "write", "a column of the input to repeat");
    impl.places.push_back(repeats ? static_cast<int>(from.size()) : -1);
    if (repeats) from.push_back(column.from);
    names.push_back(repeats && is_csv(format) ? name_for(column, *source) : column.field.name);
    if (!is_csv(format)) column.field.format.clear();  // values, not text
    fields.push_back(column.field);
  }
  if (!from.empty())
    impl.input = std::make_unique<duckdb::RawRows>(*source, std::move(from), is_csv(format));
  if (is_csv(format)) {
    const Dialect dialect = dialect_for(format, source);
    impl.decimal = dialect.decimal;
    impl.sink = duckdb::csv_sink(path, dialect, names);
  } else {
    impl.sink = duckdb::typed_sink(path, format, fields);
  }
  impl.rooms.resize(columns.size());
  impl.row.resize(columns.size());
  impl.columns = std::move(columns);
}

TableWriter::~TableWriter() = default;

std::string_view TableWriter::Impl::cell(std::size_t j, const TableChunk& chunk, std::size_t i) {
  const ColumnValues& values = chunk.columns[j];
  const bool is_text = columns[j].field.type == ColumnType::text;
  if (is_text && i < values.text.size() && values.text[i].data() != nullptr) return values.text[i];
  if (!is_text && i < values.numbers.size() && !std::isnan(values.numbers[i])) {
    rooms[j] = duckdb::format_cell(columns[j].field, values.numbers[i], decimal);
    return rooms[j];
  }
  return places[j] < 0 ? std::string_view() : input->cell(static_cast<std::size_t>(places[j]));
}

void TableWriter::append(const TableChunk& chunk) {
  Impl& impl = *impl_;
  ensure(chunk.columns.size() == impl.columns.size(), "write",
         "as many columns as there are fields");
  for (std::size_t i = 0; i < static_cast<std::size_t>(chunk.rows); ++i) {
    if (impl.input) ensure(impl.input->next(), "write", "no more rows than the input has");
    for (std::size_t j = 0; j < impl.columns.size(); ++j) impl.row[j] = impl.cell(j, chunk, i);
    impl.sink->write(impl.row);
  }
}

void TableWriter::commit() {
  if (impl_->input) impl_->input->expect_end();
  impl_->sink->commit();
}

}  // namespace diabolo
