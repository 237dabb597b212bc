#include <diabolo/io/schema_column.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

namespace diabolo {
namespace {

constexpr std::array kTypes{ColumnType::boolean,  ColumnType::integer, ColumnType::real,
                            ColumnType::text,     ColumnType::date,    ColumnType::time,
                            ColumnType::timestamp};
const std::vector<std::string> kColumnKeys{
    "name",    "kind", "used", "likelihood", "why",    "type",   "sql_type", "date_format",
    "missing", "low",  "high", "decimals",   "levels", "values", "counts",   "code"};
const std::vector<std::string> kLikelihoodKeys{"type", "settings"};
const std::vector<std::string> kCodeKeys{"form", "shift", "scale", "origin", "step", "edges"};

ColumnType type_from(const SchemaKeys& keys) {
  const std::string text = keys.text("type");
  for (const ColumnType type : kTypes)
    if (name(type) == text) return type;
  std::vector<std::string_view> names;
  for (const ColumnType type : kTypes) names.push_back(name(type));
  keys.refuse("type", fmt::format("one of {}", fmt::join(names, ", ")));
}

Kind kind_from(const SchemaKeys& keys) {
  Kind kind{};
  if (!kind_named(keys.text("kind"), kind))
    keys.refuse("kind", fmt::format("one of {}", fmt::join(kind_names(), ", ")));
  return kind;
}

ComponentChoice likelihood_from(const SchemaKeys& column, const std::string& owner,
                                const SchemaReading& reading) {
  const SchemaJson& json = column.at("likelihood");
  if (json.is_string() && !reading.whole) return {json.get<std::string>(), {}};
  const SchemaKeys keys = reading.keys(json, "the likelihood of " + owner, kLikelihoodKeys);
  ComponentChoice choice{keys.text("type"), {}};
  if (!reading.whole && !keys.has("settings")) return choice;
  const SchemaJson& settings = keys.at("settings");
  keys.require(settings.is_object(), "settings", "an object {...}");
  for (const auto& [name, value] : settings.items()) {
    keys.require(value.is_string() || (value.is_number() && std::isfinite(value.get<double>())),
                 "settings", "numbers and texts");
    if (value.is_string())
      choice.settings[name] = value.get<std::string>();
    else
      choice.settings[name] = value.get<double>();
  }
  return choice;
}

ColumnCode code_from(const SchemaKeys& column, const std::string& owner,
                     const SchemaReading& reading) {
  const SchemaKeys keys = reading.keys(column.at("code"), "the code of " + owner, kCodeKeys);
  ColumnCode code;
  const auto form = std::find(kCodeForms.begin(), kCodeForms.end(), keys.text("form"));
  if (form == kCodeForms.end())
    keys.refuse("form", fmt::format("one of {}", fmt::join(kCodeForms, ", ")));
  code.form = static_cast<ColumnCode::Form>(form - kCodeForms.begin());
  const bool scaled = code.form == ColumnCode::linear || code.form == ColumnCode::log;
  const auto number = [&](const char* key, bool needed, double& x) {
    if (keys.has(key) || (needed && reading.whole)) x = keys.number(key);
  };
  number("shift", scaled, code.shift);
  number("scale", scaled, code.scale);
  number("origin", code.form == ColumnCode::log, code.origin);
  number("step", code.form != ColumnCode::levels, code.step);
  if (keys.has("edges") || (code.form == ColumnCode::bins && reading.whole))
    code.edges = keys.numbers("edges");
  if (!reading.whole) return code;
  keys.require(!scaled || code.scale > 0, "scale", "a number above 0");
  const double units = code.step >= 1 ? code.step : 1 / code.step;
  keys.require(code.step == 0 || (code.step > 0 && std::abs(units - std::round(units)) < 1e-6),
               "step", "0, a whole number, or 1 divided by one,");
  if (code.form == ColumnCode::bins) {
    keys.require(code.edges.size() >= 2 &&
                     static_cast<std::int64_t>(code.edges.size()) <= kMostLevels + 1 &&
                     std::is_sorted(code.edges.begin(), code.edges.end()),
                 "edges", fmt::format("2 to {} numbers that do not fall", kMostLevels + 1));
    for (std::size_t i = 2; i < code.edges.size(); ++i)
      if (!(code.edges[i] > code.edges[i - 2])) keys.refuse("edges", "no number three times");
  }
  return code;
}

void check_levels(const SchemaKeys& keys, const ColumnSchema& c) {
  const bool text = c.field.type == ColumnType::text;
  const char* key = text ? "levels" : "values";
  keys.require(c.level_count() >= 2 && c.level_count() <= kMostLevels, key,
               fmt::format("2 to {} levels", kMostLevels));
  keys.require(static_cast<std::int64_t>(c.counts.size()) == c.level_count(), "counts",
               "a number for each level");
  if (text) {
    std::set<std::string_view> different(c.levels.begin(), c.levels.end());
    keys.require(different.size() == c.levels.size(), key, "levels that differ");
  } else {
    const auto fall = std::adjacent_find(c.values.begin(), c.values.end(), std::greater_equal<>());
    keys.require(fall == c.values.end(), key, "numbers that rise");
  }
}

/// That likelihood, code and type fit together.
void check_whole(const SchemaKeys& keys, const ColumnSchema& c) {
  const bool text = c.field.type == ColumnType::text;
  const bool levels = c.code.form == ColumnCode::levels, bins = c.code.form == ColumnCode::bins;
  keys.require(text || std::isfinite(c.low), "type", "'text', or low and high beside it,");
  keys.require(levels || (!text && c.field.type != ColumnType::boolean), "code",
               "levels for this type");
  keys.require(text ? c.values.empty() : c.levels.empty(), text ? "values" : "levels",
               "none for this type");
  if (levels) check_levels(keys, c);
  const std::string& type = c.likelihood.type;
  const bool of_levels = type == "categorical" || type == "bernoulli";
  keys.require(
      !type.empty() && of_levels == levels && (type == "bins") == bins, "likelihood",
      fmt::format("one for a code of {}", kCodeForms[static_cast<std::size_t>(c.code.form)]));
  keys.require(type != "bernoulli" || c.level_count() == 2, "likelihood", "one for these levels");
  const auto count = c.likelihood.settings.find("levels");
  const bool counted = type == "categorical" || bins;
  keys.require(counted == (count != c.likelihood.settings.end()) &&
                   (!counted || to_string(count->second) == std::to_string(c.level_count())),
               "likelihood", fmt::format("{} levels", c.level_count()));
}

}  // namespace

ColumnSchema column_from_json(const SchemaJson& json, std::size_t place, std::int64_t rows,
                              const SchemaReading& reading) {
  std::string owner = fmt::format("column {}", place);
  if (json.is_object() && json.contains("name") && json["name"].is_string())
    owner = "column " + in_quotes(json["name"].get<std::string>());
  const SchemaKeys keys = reading.keys(json, owner, kColumnKeys);
  const auto there = [&](const char* key) { return reading.whole || keys.has(key); };

  ColumnSchema c;
  c.field.name = keys.text("name");
  if (there("used")) c.used = keys.truth("used");
  if (c.used || there("kind")) c.kind = kind_from(keys);
  if (there("type")) c.field.type = type_from(keys);
  if (there("sql_type")) c.field.sql_type = keys.text("sql_type");
  if (keys.has("date_format")) c.field.format = keys.text("date_format");
  if (there("why")) c.why = keys.text("why");
  if (there("missing")) c.missing = keys.whole("missing", 0, rows);
  if (keys.has("low")) c.low = keys.number("low");
  if (keys.has("high")) c.high = keys.number("high");
  keys.require(std::isnan(c.low) == std::isnan(c.high), std::isnan(c.high) ? "low" : "high",
               "both low and high");
  keys.require(!(c.low > c.high), "low", "a number that is not above high");
  if (keys.has("decimals")) c.decimals = static_cast<int>(keys.whole("decimals", -1, 6));
  if (keys.has("levels")) c.levels = keys.texts("levels");
  if (keys.has("values")) c.values = keys.numbers("values");
  if (keys.has("counts")) c.counts = keys.wholes("counts");
  if (keys.has("likelihood") || (reading.whole && c.used))
    c.likelihood = likelihood_from(keys, owner, reading);
  if (keys.has("code") || (reading.whole && c.used)) c.code = code_from(keys, owner, reading);
  const bool names_nothing = c.kind == Kind::identifier || c.kind == Kind::constant;
  keys.require(!(c.used && keys.has("used") && names_nothing), "kind",
               "a kind that is modelled (or used to be false)");
  if (reading.whole && c.used) check_whole(keys, c);
  return c;
}

}  // namespace diabolo
