#include <diabolo/data/duckdb/output_file.h>
#include <diabolo/data/standard_output.h>

namespace diabolo::duckdb {

OutputFile::OutputFile(const std::string& path) {
  if (!path.empty()) file_.emplace(path);
}

void OutputFile::write(std::string_view text) {
  file_ ? file_->write(text) : write_to_standard_output(text);
}

void OutputFile::commit() { file_ ? file_->commit() : flush_standard_output(); }

}  // namespace diabolo::duckdb
