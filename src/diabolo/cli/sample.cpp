// sample MODEL -n N: new rows.
#include <diabolo/cli/completion.h>
#include <diabolo/cli/verbs.h>

#include <diabolo/base/nearest.h>
#include <diabolo/data/cells.h>
#include <diabolo/data/value_text.h>

#include <algorithm>
#include <limits>

namespace diabolo::cli {
namespace {

/// The cell of a value as it stands on the command line.
float cell_of(const ColumnSchema& column, const std::string& text) {
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
    const bool is_number = type == ColumnType::integer || type == ColumnType::real;
    if (!x) refuse(is_number ? "a number" : fmt::format("a value as {}", low));
    if (*x < column.low || *x > column.high)
      refuse(fmt::format("a value from {} to {}, the range of training,", low, high));
    chunk.columns[0].numbers = {*x};
  }
  float cell = 0;
  double slope = 0;
  CellEncoder encoder(alone, {column.field});
  encoder.encode(chunk, {&cell, 1}, {&slope, 1});
  if (!encoder.notes().unseen.empty() || !encoder.notes().outside.empty())
    refuse(fmt::format("one of its {} values", column.level_count()));
  return cell;
}

/// `count` rows of cells with these values, all else missing.
Dataset rows_given(const ModelData& model, const std::map<std::string, std::string>& given,
                   std::int64_t count) {
  const std::vector<int> columns = cell_columns(model.schema);
  const auto D = columns.size();
  std::vector<float> row(D, std::numeric_limits<float>::quiet_NaN());
  for (const auto& [name, text] : given) {
    std::vector<std::string> known;
    bool found = false;
    for (std::size_t d = 0; d < D; ++d) {
      const ColumnSchema& column = model.schema.columns[static_cast<std::size_t>(columns[d])];
      known.push_back(column.field.name);
      if (column.field.name != name) continue;
      row[d] = cell_of(column, text);
      found = true;
    }
    if (!found)
      throw UsageError(fmt::format("expected a column of the model for --given, got '{}'{}", name,
                                   suggestion(name, known)));
  }
  Dataset data;
  data.values = Tensor(DType::f32, {count, static_cast<std::int64_t>(D)});
  for (std::int64_t r = 0; r < count; ++r)
    std::copy(row.begin(), row.end(),
              data.values.as<float>().begin() + r * static_cast<std::int64_t>(D));
  data.row_shape = Shape{static_cast<std::int64_t>(D)};
  data.name = "--given";
  return data;
}

}  // namespace

int sample(Arguments arguments) {
  std::string model_path;
  std::int64_t count = 0;
  SampleOptions wanted;
  std::map<std::string, std::string> given;
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
                 into_pairs(given));
  options.flag(
      "missing-like-data",
      "rows have missing values as the data had them: each the holes of a random row of it, "
      "whatever its values",
      wanted.missing_like_data);
  options.common(common);
  if (!options.parse(arguments)) return 0;
  if (count == 0) throw UsageError("expected -n N, the number of rows, got none; e.g. -n 64");
  output.check_usage(common);

  const Model model = load_model(model_path, common);
  output.check_rows(model.data().row_shape);
  if (!given.empty() && model.data().schema.empty())
    throw UsageError("expected a model of a table for --given, got one of arrays");
  if (!given.empty() && wanted.mean) throw UsageError("expected --given or --mean, got both");
  if (wanted.missing_like_data && model.data().holes.empty())
    say("the data had no missing values, so the rows have none");
  wanted.seed = common.seed;
  const Dataset rows = given.empty()
                           ? model.sample(count, wanted)
                           : model.sample_given(rows_given(model.data(), given, count), wanted);
  if (rows.schema) return output.write(columns_of(rows, wanted.mean), count, nullptr, common), 0;
  output.write(rows.values, rows.row_shape, rows.columns, "c", picture_range(model.data()), common);
  return 0;
}

}  // namespace diabolo::cli
