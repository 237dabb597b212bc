#include <diabolo/data/atomic_file.h>
#include <diabolo/io/json_number.h>
#include <diabolo/io/schema_column.h>
#include <diabolo/io/schema_file.h>

#include <algorithm>
#include <array>
#include <functional>

namespace diabolo {
namespace {

constexpr int kFormat = 1;
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 28;
constexpr std::int64_t kMostRows = std::int64_t{1} << 53;

const std::vector<std::string> kSchemaKeys{"format", "rows", "missing_words", "columns"};

// --- to JSON ------------------------------------------------------------------------------------

SchemaJson choice_to_json(const ComponentChoice& choice) {
  SchemaJson settings = SchemaJson::object();
  for (const auto& [name, value] : choice.settings) {
    if (const double* x = std::get_if<double>(&value))
      settings[name] = *x;
    else
      settings[name] = std::get<std::string>(value);
  }
  return {{"type", choice.type}, {"settings", settings}};
}

SchemaJson to_json(const ColumnCode& code) {
  SchemaJson json{{"form", kCodeForms[static_cast<std::size_t>(code.form)]}};
  if (code.form == ColumnCode::linear || code.form == ColumnCode::log) {
    json["shift"] = code.shift;
    json["scale"] = code.scale;
  }
  if (code.form == ColumnCode::log) json["origin"] = code.origin;
  if (code.form != ColumnCode::levels) json["step"] = code.step;
  if (code.form == ColumnCode::bins) json["edges"] = code.edges;
  return json;
}

SchemaJson to_json(const ColumnSchema& c) {
  SchemaJson json{{"name", c.field.name}, {"kind", name(c.kind)}, {"used", c.used}};
  if (c.used) json["likelihood"] = choice_to_json(c.likelihood);
  json["why"] = c.why;
  json["type"] = name(c.field.type);
  json["sql_type"] = c.field.sql_type;
  if (!c.field.format.empty()) json["date_format"] = c.field.format;
  json["missing"] = c.missing;
  if (std::isfinite(c.low) && std::isfinite(c.high)) {
    json["low"] = c.low;
    json["high"] = c.high;
    json["decimals"] = c.decimals;
  }
  if (!c.levels.empty()) json["levels"] = c.levels;
  if (!c.values.empty()) json["values"] = c.values;
  if (!c.counts.empty()) json["counts"] = c.counts;
  if (c.used) json["code"] = to_json(c.code);
  return json;
}

/// A line for each key of a column.
std::string pretty_text(const SchemaJson& json) {
  std::string text = "{\n";
  for (const auto& [key, value] : json.items())
    if (key != "columns") text += fmt::format("  \"{}\": {},\n", key, value.dump());
  text += "  \"columns\": [";
  bool first_column = true;
  for (const SchemaJson& column : json["columns"]) {
    text += first_column ? "\n    {" : ",\n    {";
    first_column = false;
    bool first = true;
    for (const auto& [key, value] : column.items()) {
      text += fmt::format("{}\n      \"{}\": {}", first ? "" : ",", key, value.dump());
      first = false;
    }
    text += "\n    }";
  }
  return text + "\n  ]\n}\n";
}

// --- from JSON ----------------------------------------------------------------------------------

/// Keys that stand twice in one object: JSON readers take one of them, without a word.
class DuplicateKeys {
 public:
  bool operator()(int depth, SchemaJson::parse_event_t event, SchemaJson& value) {
    using Event = SchemaJson::parse_event_t;
    bounds_.look(depth);
    if (event == Event::object_start) seen_.emplace_back();
    if (event == Event::object_end) seen_.pop_back();
    if (event == Event::key) {
      std::string key = value.get<std::string>();
      if (!seen_.back().insert(key).second && first_.empty()) first_ = std::move(key);
      // The library looks for each key among all before it.
      if (seen_.back().size() > kMostKeys) refuse_json("more keys than any object of a schema has");
    }
    return true;
  }
  const std::string& first() const { return first_; }

 private:
  static constexpr std::size_t kMostKeys = 100;

  JsonBounds bounds_;
  std::vector<std::set<std::string>> seen_;
  std::string first_;
};

SchemaJson parsed(std::string_view text, const SchemaReading& reading) {
  DuplicateKeys duplicates;
  SchemaJson json;
  try {
    json = SchemaJson::parse(text, std::ref(duplicates));
  } catch (const SchemaJson::exception& error) {
    std::string reason = error.what();
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    fail(reading.code, "schema", "expected JSON in {}, got '{}'; correct it",
         in_quotes(reading.where), reason);
  }
  check(duplicates.first().empty(), reading.code, "schema",
        "expected each key of an object once in {}, got {} twice; remove one",
        in_quotes(reading.where), in_quotes(duplicates.first()));
  return json;
}

Schema schema_from(std::string_view text, const SchemaReading& reading) {
  const SchemaJson json = parsed(text, reading);
  const SchemaKeys keys = reading.keys(json, "the schema", kSchemaKeys);
  if (reading.whole || keys.has("format")) {
    const std::int64_t format = keys.whole("format", 1, 1 << 20);
    check(format <= kFormat, ErrorCode::unsupported, "schema",
          "expected a schema of format {} or older in {}, got {}; update diabolo", kFormat,
          in_quotes(reading.where), format);
  }
  Schema schema;
  schema.rows = kMostRows;
  if (reading.whole || keys.has("rows")) schema.rows = keys.whole("rows", 0, kMostRows);
  if (keys.has("missing_words")) schema.missing_words = keys.texts("missing_words");
  const SchemaJson& columns = keys.at("columns");
  keys.require(columns.is_array() && !columns.empty(), "columns", "a list of columns");
  std::set<std::string> names;
  std::int64_t levels = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    schema.columns.push_back(column_from_json(columns[i], i, schema.rows, reading));
    const ColumnSchema& c = schema.columns.back();
    check(names.insert(c.field.name).second, reading.code, "schema",
          "expected each column once in {}, got {} twice; remove one", in_quotes(reading.where),
          in_quotes(c.field.name));
    const bool of_names = c.field.type == ColumnType::text || c.kind == Kind::categorical;
    if (c.used && of_names) levels += c.level_count();
  }
  check(!reading.whole || levels <= kMostLevels, reading.code, "schema",
        "expected at most {} levels in {}, got {}", kMostLevels, in_quotes(reading.where), levels);
  const bool any = std::any_of(schema.columns.begin(), schema.columns.end(),
                               [](const ColumnSchema& c) { return c.used; });
  check(any || !reading.whole, reading.code, "schema",
        "expected a column that is used in {}, got none", in_quotes(reading.where));
  return schema;
}

}  // namespace

std::string schema_to_json(const Schema& schema, bool pretty) {
  SchemaJson columns = SchemaJson::array();
  for (const ColumnSchema& column : schema.columns) columns.push_back(to_json(column));
  SchemaJson json{{"format", kFormat}, {"rows", schema.rows}};
  if (!schema.missing_words.empty()) json["missing_words"] = schema.missing_words;
  json["columns"] = std::move(columns);
  try {
    return pretty ? pretty_text(json) : json.dump();
  } catch (const SchemaJson::exception& error) {
    fail(ErrorCode::invalid_argument, "schema",
         "expected names and categories in UTF-8, got others ({}); convert the table",
         error.what());
  }
}

Schema schema_from_json(std::string_view json, std::string_view where) {
  return schema_from(json, {where, ErrorCode::corrupt_file, true});
}

Schema schema_request_from_json(std::string_view json, std::string_view where) {
  return schema_from(json, {where, ErrorCode::invalid_argument, false});
}

void write_schema(const std::string& path, const Schema& schema) {
  write_whole(path, schema_to_json(schema));
}

Schema read_schema_request(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path, kLargestFile);
  return schema_request_from_json(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), path);
}

}  // namespace diabolo
