// Writes Parquet or JSON lines: rows of text are kept in a table, which spills if it is large, and
// DuckDB casts them as it writes the file. That goes to a private folder first, and from there to
// its place.
#include <diabolo/data/duckdb/appender.h>
#include <diabolo/data/duckdb/explain.h>
#include <diabolo/data/duckdb/output_file.h>
#include <diabolo/data/duckdb/sink.h>
#include <diabolo/data/duckdb/sql.h>
#include <diabolo/data/source.h>

#include <algorithm>

namespace diabolo::duckdb {
namespace {

/// The type of a field in SQL: what it says only if that is a plain name, since fields come from
/// files of models too.
std::string safe_type(const Field& field) {
  if (field.is_opaque) return is_nested(field.sql_type) ? "JSON" : "VARCHAR";
  const auto type = column_type(field.sql_type);
  const bool is_plain = std::all_of(field.sql_type.begin(), field.sql_type.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ' ' || c == '_' || c == ',' ||
           c == '(' || c == ')';
  });
  const bool fits = type == field.type && is_plain && !field.sql_type.starts_with("ENUM");
  return fits && field.sql_type != "JSON" ? field.sql_type : default_sql_type(field.type);
}

class TypedSink final : public Sink {
 public:
  TypedSink(const std::string& path, TableFormat format, const std::vector<Field>& fields)
      : path_(path),
        format_(format),
        fields_(fields),
        file_(path),
        database_(Database::open()),
        connection_(database_) {
    guarded([&] {
      database_->make_room(fields.size());
      database_->confine_to_folder();
      std::string columns;
      for (std::size_t j = 0; j < fields.size(); ++j)
        columns += fmt::format("{}{} VARCHAR", j > 0 ? ", " : "", column(j));
      connection_.run(fmt::format("CREATE TABLE rows ({})", columns));
      appender_.emplace(connection_, "rows", fields.size());
    });
  }

  void write(Row row) override {
    guarded([&] { appender_->add(row); });
  }

  void commit() override {
    const std::string made = database_->folder().path("output");
    guarded([&] {
      appender_->finish();
      std::string cells;
      for (std::size_t j = 0; j < fields_.size(); ++j)
        cells += fmt::format("{}CAST({} AS {}) AS {}", j > 0 ? ", " : "", column(j),
                             safe_type(fields_[j]), identifier(fields_[j].name));
      connection_.run(fmt::format("COPY (SELECT {} FROM rows) TO {} (FORMAT {})", cells,
                                  literal(made),
                                  format_ == TableFormat::parquet ? "parquet" : "json"));
    });
    const auto source = open_file(made);
    for (std::string room(1 << 16, '\0');;) {
      const std::size_t n = source->read(room.data(), room.size());
      if (n == 0) break;
      file_.write(std::string_view(room).substr(0, n));
    }
    file_.commit();
  }

 private:
  template <class F>
  void guarded(F&& f) {
    try {
      f();
    } catch (const Failure& failure) {
      refuse_writing(failure, path_);
    }
  }

  std::string path_;
  TableFormat format_;
  std::vector<Field> fields_;
  OutputFile file_;
  std::shared_ptr<Database> database_;
  Connection connection_;
  std::optional<Appender> appender_;
};

}  // namespace

std::unique_ptr<Sink> typed_sink(const std::string& path, TableFormat format,
                                 const std::vector<Field>& fields) {
  return std::make_unique<TypedSink>(path, format, fields);
}

}  // namespace diabolo::duckdb
