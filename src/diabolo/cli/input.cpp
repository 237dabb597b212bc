#include <diabolo/cli/input.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/data/duckdb/csv_options.h>
#include <diabolo/data/read.h>
#include <diabolo/data/source.h>
#include <diabolo/data/value_text.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace diabolo::cli {
namespace {

std::pair<std::string, std::string> split_pair(std::string_view label, const std::string& text,
                                               bool last) {
  const std::size_t at = last ? text.rfind('=') : text.find('=');
  if (at == std::string::npos || at == 0)
    throw UsageError(fmt::format("expected NAME=VALUE for {}, got '{}'", label, text));
  return {text.substr(0, at), text.substr(at + 1)};
}

bool is_nan(const std::string& word) { return word == "nan" || word == "NaN"; }

}  // namespace

Setter into_list(std::vector<std::string>& to) {
  return [&to](std::string_view label, const std::string& text) {
    to = split_list(text);
    for (const std::string& item : to)
      if (item.empty()) throw UsageError(fmt::format("expected a value for {}, got ''", label));
  };
}

Setter into_pairs(std::map<std::string, std::string>& to, bool last) {
  return [&to, last](std::string_view label, const std::string& text) {
    to.clear();
    for (const std::string& item : split_list(text)) {
      auto [name, value] = split_pair(label, item, last);
      if (!to.emplace(name, std::move(value)).second)
        throw UsageError(fmt::format("expected '{}' once for {}, got it twice", name, label));
    }
  };
}

void Input::add_to(Options& options, bool for_model, const std::string& name,
                   const std::string& help, bool is_optional) {
  if (is_optional)
    options.optional_argument(name, help, path_);
  else
    options.argument(name, help, path_);
  options.group("reading DATA");
  options.option({.name = "csv",
                  .placeholder = "KEY=VALUE",
                  .help = "an option of the CSV reader: delimiter, decimal_separator, encoding, "
                          "header, skip, ...; may be repeated",
                  .is_setting = true,
                  .is_list = true},
                 [this](std::string_view label, const std::string& text) {
                   into_pairs(csv_, false)(label, text);
                   as_usage([&] { duckdb::CsvOptions checked(csv_); });
                 });
  options.option({.name = "query",
                  .placeholder = "SQL",
                  .help = "read the rows of a SELECT on the table `data` instead, which is DATA",
                  .is_setting = true},
                 into(query_));
  options.option(
      {.name = "missing",
       .placeholder = "WORD,...",
       .help = "values that mean missing, beside empty, NA, null and the like; nan lets "
               "arrays have missing values",
       .is_setting = true},
      [this](std::string_view, const std::string& text) { missing_ = split_list(text, ','); });
  if (for_model)
    options.flag("allow-missing-columns",
                 "columns that the model needs and DATA lacks are taken as missing", allow_absent_);
  options.group("options");
}

void Input::take_reading(const Values& given) {
  const auto find = [&](const char* name, bool is_said) {
    return is_said ? given.end() : given.find(name);
  };
  if (const auto csv = find("csv", !csv_.empty()); csv != given.end())
    into_pairs(csv_, false)("csv", csv->second);
  if (const auto query = find("query", !query_.empty()); query != given.end())
    query_ = query->second;
  if (const auto words = find("missing", !missing_.empty()); words != given.end())
    missing_ = split_list(words->second, ',');
}

bool Input::nan_is_missing() const { return std::any_of(missing_.begin(), missing_.end(), is_nan); }

bool Input::is_table() const { return !query_.empty() || path_ == "-" || diabolo::is_table(path_); }

TableOptions Input::table_options() const {
  return {.missing = missing_, .csv = csv_, .query = query_};
}

std::pair<TableOptions, SchemaRequest> Input::plan(SchemaRequest request) const {
  TableOptions options = table_options();
  prepare(options, request);
  return {std::move(options), std::move(request)};
}

Dataset Input::read_array(bool may_lack) const {
  return diabolo::read(path_, {.allow_not_finite = may_lack});
}

void Input::refuse_words_for_tables(const SchemaRequest& request) const {
  const auto refuse = [&](bool is_given, std::string_view option) {
    check(!is_given, ErrorCode::invalid_argument, option,
          "expected a table for --{}, got an array in {}; leave the option out", option,
          in_quotes(path_));
  };
  refuse(!request.kinds.empty(), "kind");
  refuse(!request.drop.empty(), "drop");
  refuse(!request.likelihoods.empty(), "likelihood COLUMN=NAME");
  refuse(request.given != nullptr, "schema");
  refuse(!csv_.empty(), "csv");
  for (const std::string& word : missing_)
    check(is_nan(word), ErrorCode::invalid_argument, "missing",
          "expected --missing nan for the array in {}, got {}; other words are for tables",
          in_quotes(path_), in_quotes(word));
}

Dataset Input::read(const SchemaRequest& request) const {
  if (!is_table()) {
    refuse_words_for_tables(request);
    return read_array(nan_is_missing());
  }
  const auto [options, asked] = plan(request);
  TableReader reader(path_, options);
  return read_table(reader, asked);
}

Input Input::like(const std::string& path) const {
  Input other;
  other.path_ = path;
  other.csv_ = csv_;
  other.missing_ = missing_;
  return other;
}

void Input::open(const Schema& schema) {
  check(is_table(), ErrorCode::invalid_argument, "data",
        "expected a table for a model of a table, got an array in '{}'; give a table", path_);
  TableOptions options = table_options();
  prepare(options, schema);
  reader_ = std::make_unique<TableReader>(path_, options);
}

void Input::open(const ModelData& model) {
  if (!model.schema.empty()) return open(model.schema);
  check(
      !is_table(), ErrorCode::invalid_argument, "data",
      "expected an array (.npy) of rows of {} numbers, as the model was trained on, got a table in "
      "{}; save its numbers as .npy, or fit a model to a table",
      model.dimensions, in_quotes(path_));
}

Dataset Input::read(const ModelData& model) {
  if (!reader_) open(model);
  if (model.schema.empty()) return read_array(true);  // the model says what it takes
  return read(std::make_shared<const Schema>(model.schema));
}

Dataset Input::read(std::shared_ptr<const Schema> schema) {
  if (!schema) return read_array(nan_is_missing());
  if (!reader_) open(*schema);
  Dataset data =
      read_table(*reader_, std::move(schema), allow_absent_ || !may_lack_.empty(), &notes_);
  std::vector<std::string>& absent = notes_.absent;
  std::erase_if(absent, [&](const std::string& name) {
    return std::find(may_lack_.begin(), may_lack_.end(), name) != may_lack_.end();
  });
  check(allow_absent_ || absent.empty(), ErrorCode::invalid_argument, "data",
        "expected a column '{}' in {}, got none; --allow-missing-columns takes it as missing",
        absent.empty() ? "" : absent[0], in_quotes(path_));
  for (const std::string& warning : warnings(notes_)) warn(warning);
  reader_->rewind();
  return data;
}

std::optional<std::vector<std::string>> Input::texts(const std::string& column) const {
  if (!is_table() || path_ == "-") return {};
  TableReader reader(path_, table_options());
  const std::vector<Field>& fields = reader.fields();
  const auto field =
      std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == column; });
  if (field == fields.end()) return {};
  std::vector<std::string> texts;
  TableChunk chunk;
  while (reader.next(chunk)) {
    const ColumnValues& values = chunk.columns[static_cast<std::size_t>(field - fields.begin())];
    for (const double x : values.numbers)
      texts.push_back(std::isnan(x) ? "" : value_text(field->type, x));
    for (const std::string_view text : values.text) texts.emplace_back(text);
  }
  return texts;
}

Schema Input::schema(const SchemaRequest& request) const {
  const auto [options, asked] = plan(request);
  TableReader reader(path_, options);
  SchemaBuilder builder(reader.fields(), asked);
  TableChunk chunk;
  while (reader.next(chunk)) builder.add(chunk);
  return builder.finish();
}

}  // namespace diabolo::cli
