// sample MODEL -n N: new rows.
#include <diabolo/cli/completion.h>
#include <diabolo/cli/verbs.h>

#include <diabolo/base/nearest.h>
#include <diabolo/data/cells.h>
#include <diabolo/data/value_text.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace diabolo::cli {
namespace {

/// What --given says of a column.
struct Given {
  int column = 0;  // of the schema
  std::string text;
  double number = kMissing;  // unless it is text
  float cell = 0;
};

/// Whole numbers keep their digits up to 2^53 only.
bool keeps_digits(const std::string& text, double x) {
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, whole);
  if (error != std::errc() || rest != end) return true;  // 1e3, or larger than all
  constexpr double kEnd = 0x1p63;
  return x < kEnd && static_cast<std::int64_t>(x) == whole;
}

/// Takes the value as it stands on the command line.
void take_value(const ColumnSchema& column, Given& given) {
  const std::string& text = given.text;
  const auto refuse = [&](const std::string& what) {
    throw UsageError(
        fmt::format("expected {} for column '{}', got '{}'", what, column.field.name, text));
  };
  const Schema alone{.columns = {column}, .rows = 1};
  TableChunk chunk{.rows = 1, .columns = {{}}};
  if (column.field.type == ColumnType::text) {
    chunk.columns[0].text = {text};
    if (std::find(column.levels.begin(), column.levels.end(), text) == column.levels.end())
      refuse(fmt::format("one of its {} categories", column.levels.size()));
  } else {
    const ColumnType type = column.field.type;
    const std::string low = value_text(type, column.low), high = value_text(type, column.high);
    const std::optional<double> x = parse_value(column.field, text);
    const bool whole = type == ColumnType::integer;
    const std::string number = whole ? "a whole number" : "a number";
    if (!x) refuse(whole || type == ColumnType::real ? number : fmt::format("a value as {}", low));
    if (whole && *x != std::round(*x)) refuse(number);
    if (whole && !keeps_digits(text, *x))
      refuse(fmt::format("a whole number of at most 53 bits (as {:.0f})", *x));
    if (*x < column.low || *x > column.high)
      refuse(fmt::format("a value from {} to {}, the range of training,", low, high));
    chunk.columns[0].numbers = {*x};
    given.number = *x;
  }
  double slope = 0;
  CellEncoder encoder(alone, {column.field});
  encoder.encode(chunk, {&given.cell, 1}, {&slope, 1});
  if (!encoder.notes().unseen.empty() || !encoder.notes().outside.empty())
    refuse(fmt::format("one of its {} values", column.level_count()));
}

/// COLUMN=VALUE: the column has the longest name that there is, as names and values may have a '='.
Given parse_given(const Schema& schema, const std::string& text) {
  std::vector<std::string> known;
  for (const ColumnSchema& column : schema.columns)
    if (column.used) known.push_back(column.field.name);
  for (std::size_t at = text.rfind('='); at != 0 && at != std::string::npos;
       at = text.rfind('=', at - 1)) {
    const std::string name = text.substr(0, at);
    if (std::find(known.begin(), known.end(), name) == known.end()) continue;
    Given given{.column = schema.find(name), .text = text.substr(at + 1)};
    take_value(schema.columns[static_cast<std::size_t>(given.column)], given);
    return given;
  }
  const std::string name = text.substr(0, text.find('=', 1));
  throw UsageError(fmt::format("expected a column of the model for --given, got '{}'{}", name,
                               suggestion(name, known)));
}

std::vector<Given> parse_given(const ModelData& model, const std::vector<std::string>& texts) {
  std::vector<Given> all;
  for (const std::string& text : texts) {
    all.push_back(parse_given(model.schema, text));
    for (std::size_t i = 0; i + 1 < all.size(); ++i)
      if (all[i].column == all.back().column)
        throw UsageError(
            fmt::format("expected '{}' once for --given, got it twice",
                        model.schema.columns[static_cast<std::size_t>(all[i].column)].field.name));
  }
  return all;
}

/// `count` rows of cells with these values, all else missing.
Dataset rows_given(const ModelData& model, const std::vector<Given>& given, std::int64_t count) {
  const std::vector<int> columns = cell_columns(model.schema);
  const auto D = columns.size();
  std::vector<float> row(D, kMissing);
  for (const Given& one : given)
    for (std::size_t d = 0; d < D; ++d)
      if (columns[d] == one.column) row[d] = one.cell;
  Dataset data;
  data.values = Tensor(DType::f32, {count, static_cast<std::int64_t>(D)});
  for (std::int64_t r = 0; r < count; ++r)
    std::copy(row.begin(), row.end(),
              data.values.as<float>().begin() + r * static_cast<std::int64_t>(D));
  data.row_shape = Shape{static_cast<std::int64_t>(D)};
  data.name = "--given";
  return data;
}

/// The columns of rows that were drawn. What was given stands as it was given: cells are floats,
/// and hold it nearly.
std::vector<ResultColumn> drawn_columns(const Dataset& rows, bool mean,
                                        const std::vector<Given>& given) {
  std::vector<ResultColumn> columns = columns_of(rows, mean);
  const auto N = static_cast<std::size_t>(rows.size());
  for (const Given& one : given)
    for (ResultColumn& column : columns) {
      const Field& field = rows.schema->columns[static_cast<std::size_t>(one.column)].field;
      if (column.field.name != field.name) continue;
      if (field.type == ColumnType::text)
        column.cells.text.assign(N, one.text);
      else
        column.cells.numbers.assign(N, one.number);
    }
  return columns;
}

}  // namespace

int sample(Arguments arguments) {
  std::string model_path;
  std::int64_t count = 0;
  SampleOptions wanted;
  std::vector<std::string> given_texts;
  Common common;
  Output output;
  Options options({.verb = "sample",
                   .purpose = std::string(purpose("sample")),
                   .usage = "MODEL -n N [-o OUT] [options]",
                   .details = "Codes are drawn from the prior, rows from the likelihood at each "
                              "code. The same seed gives the\nsame rows; more rows begin with the "
                              "same ones.",
                   .example = "  diabolo sample runs/first -n 64 --mean -o samples.png   # one grid"
                              "\n  diabolo sample runs/first -n 1000 -o new.npy"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  options.option({.name = "count", .placeholder = "N", .help = "how many rows", .letter = 'n'},
                 into(count, 1, std::numeric_limits<std::int64_t>::max()));
  output.add_to(options, "where rows go: .npy, .csv, .png (one grid), or a folder/ of pictures");
  options.flag("mean", "means of the likelihood instead of draws: smoother pictures", wanted.mean);
  options.option({.name = "given",
                  .placeholder = "COLUMN=VALUE",
                  .help = "of tables: rows that have this value, the others drawn given it; may be "
                          "repeated",
                  .is_list = true},
                 into_list(given_texts));
  options.flag(
      "missing-like-data",
      "rows have missing values as the data had them: each the holes of a random row of it, "
      "whatever its values",
      wanted.missing_like_data);
  options.common(common);
  if (!options.parse(arguments)) return 0;
  if (count == 0) throw UsageError("expected -n N, the number of rows, got none; e.g. -n 64");
  output.check_usage(common);
  for (const std::string& text : given_texts)
    if (text.find('=', 1) == std::string::npos)
      throw UsageError(fmt::format("expected COLUMN=VALUE for --given, got '{}'", text));

  const Model model = load_model(model_path, common);
  output.check_rows(model.data().row_shape);
  if (!given_texts.empty() && model.data().schema.empty())
    throw UsageError("expected a model of a table for --given, got one of arrays");
  if (!given_texts.empty() && wanted.mean) throw UsageError("expected --given or --mean, got both");
  if (wanted.missing_like_data && model.data().holes.empty())
    say("the data had no missing values, so the rows have none");
  wanted.seed = common.seed;
  const std::vector<Given> given = parse_given(model.data(), given_texts);
  const Dataset rows = given.empty()
                           ? model.sample(count, wanted)
                           : model.sample_given(rows_given(model.data(), given, count), wanted);
  if (rows.schema) {
    output.write(drawn_columns(rows, wanted.mean, given), count, nullptr, common);
    return 0;
  }
  output.write(rows.values, rows.row_shape, rows.columns, "c", picture_range(model.data()), common);
  return 0;
}

}  // namespace diabolo::cli
