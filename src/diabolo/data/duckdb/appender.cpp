#include <diabolo/data/duckdb/appender.h>

namespace diabolo::duckdb {

Appender::Appender(const Connection& connection, const std::string& table, std::size_t columns)
    : columns_(columns), most_(api().vector_size()) {
  if (api().appender_create(connection.handle(), nullptr, table.c_str(), &handle_) != kOk) {
    const char* why = api().appender_error(handle_);
    const std::string text = why == nullptr ? "no appender" : why;
    api().appender_destroy(&handle_);
    throw Failure{text};
  }
  TypeHandle type = api().create_logical_type(kVarcharType);
  std::vector<TypeHandle> types(columns, type);
  chunk_ = api().create_data_chunk(types.data(), columns);
  api().destroy_logical_type(&type);
}

Appender::~Appender() {
  api().destroy_data_chunk(&chunk_);
  api().appender_destroy(&handle_);
}

void Appender::add(std::span<const std::string_view> row) {
  for (std::size_t j = 0; j < columns_; ++j) {
    VectorHandle vector = api().data_chunk_get_vector(chunk_, j);
    if (row[j].data() != nullptr) {
      api().vector_assign_string_element_len(vector, rows_, row[j].data(), row[j].size());
    } else {
      api().vector_ensure_validity_writable(vector);
      api().validity_set_row_invalid(api().vector_get_validity(vector), rows_);
    }
  }
  if (++rows_ == most_) flush();
}

void Appender::flush() {
  api().data_chunk_set_size(chunk_, rows_);
  if (rows_ > 0 && api().append_data_chunk(handle_, chunk_) != kOk) {
    const char* why = api().appender_error(handle_);
    throw Failure{why == nullptr ? "rows could not be kept" : why};
  }
  api().data_chunk_reset(chunk_);
  rows_ = 0;
}

void Appender::finish() {
  flush();
  if (api().appender_close(handle_) == kOk) return;
  const char* why = api().appender_error(handle_);
  throw Failure{why == nullptr ? "rows could not be kept" : why};
}

}  // namespace diabolo::duckdb
