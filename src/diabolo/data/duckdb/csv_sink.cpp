// Writes rows as CSV in a given dialect: quotes only where they are needed.
#include <diabolo/base/error.h>
#include <diabolo/data/duckdb/output_file.h>
#include <diabolo/data/duckdb/sink.h>
#include <diabolo/data/source.h>

#include <algorithm>
#include <array>

namespace diabolo::duckdb {
namespace {

class CsvSink final : public Sink {
 public:
  CsvSink(const std::string& path, const Dialect& dialect, const std::vector<std::string>& names)
      : dialect_(dialect), file_(path) {
    for (const char c : dialect.delimiter + dialect.quote + "\r\n") special_[index(c)] = true;
    if (!dialect.header) return;
    std::vector<std::string_view> row;
    for (const std::string& name : names)
      row.push_back(name.empty() ? std::string_view() : std::string_view(name));
    write(row);
  }

  void write(Row row) override {
    line_.clear();
    for (std::size_t j = 0; j < row.size(); ++j) {
      if (j > 0) line_ += dialect_.delimiter;
      const bool needed =
          std::any_of(row[j].begin(), row[j].end(), [&](char c) { return special_[index(c)]; });
      // A text that is empty, and a line that would be.
      const bool is_empty = row[j].empty() && (row[j].data() != nullptr || row.size() == 1);
      if (needed || (is_empty && !dialect_.quote.empty()))
        add_quoted(row[j]);
      else
        line_ += row[j];
    }
    line_ += dialect_.line_end;
    file_.write(line_);
  }

  void commit() override { file_.commit(); }

 private:
  static std::size_t index(char c) { return static_cast<unsigned char>(c); }

  void add_quoted(std::string_view cell) {
    check(!dialect_.quote.empty(), ErrorCode::unsupported, "write",
          "expected cells without {} for a file that has no quotes, got {}; write another format",
          in_quotes(dialect_.delimiter), in_quotes(cell));
    const char quote = dialect_.quote[0];
    const char escape = dialect_.escape.empty() ? quote : dialect_.escape[0];
    line_ += quote;
    for (const char c : cell) {
      if (c == quote || c == escape) line_ += escape;
      line_ += c;
    }
    line_ += quote;
  }

  Dialect dialect_;
  std::array<bool, 256> special_{};  // signs that need quotes
  OutputFile file_;
  std::string line_;
};

}  // namespace

std::unique_ptr<Sink> csv_sink(const std::string& path, const Dialect& dialect,
                               const std::vector<std::string>& names) {
  return std::make_unique<CsvSink>(path, dialect, names);
}

}  // namespace diabolo::duckdb
