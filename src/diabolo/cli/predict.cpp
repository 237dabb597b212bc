// predict MODEL DATA --target COLUMN: a column from the others.
#include <diabolo/base/nearest.h>
#include <diabolo/cli/completion.h>
#include <diabolo/cli/keep.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/data/cells.h>

#include <algorithm>

namespace diabolo::cli {
namespace {

/// The cell of a column of the model.
std::size_t cell_named(const ModelData& model, const std::string& name) {
  check(!model.schema.empty(), ErrorCode::invalid_argument, "predict",
        "expected a model of a table, got one of arrays; use impute on rows with NaN");
  const std::vector<int> columns = cell_columns(model.schema);
  std::vector<std::string> known;
  for (std::size_t d = 0; d < columns.size(); ++d) {
    known.push_back(model.schema.columns[static_cast<std::size_t>(columns[d])].field.name);
    if (known.back() == name) return d;
  }
  throw UsageError(fmt::format("expected a column of the model for --target, got '{}'{}", name,
                               suggestion(name, known)));
}

}  // namespace

int predict(Arguments arguments) {
  std::string model_path;
  std::vector<std::string> targets;
  Input input;
  ImputeOptions impute;
  Common common;
  Output output;
  Keep keep;
  Options options({.verb = "predict",
                   .purpose = std::string(purpose("predict")),
                   .usage = "MODEL DATA --target COLUMN [-o OUT] [options]",
                   .details = "The column is masked, whether DATA has it or not, and filled in as "
                              "impute does: the mean of a\nnumber, the most likely category.",
                   .example = "  diabolo predict runs/first new.csv --target income -o income.csv\n"
                              "  diabolo predict runs/first new.csv --target income --keep all"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  input.add_to(options, true);
  options.option({.name = "target",
                  .placeholder = "COLUMN",
                  .help = "the column to predict; may be repeated",
                  .is_list = true},
                 into_list(targets));
  output.add_to(options, "where predictions go: .csv, .tsv, .parquet, .jsonl, .npy");
  keep.add_to(options);
  add_completion(options, impute);
  options.common(common);
  if (!options.parse(arguments)) return 0;
  if (targets.empty()) throw UsageError("expected --target COLUMN, got none; name the column");
  output.check_usage(common);
  keep.check_usage(output);
  impute.seed = common.seed;

  const Model model = load_model(model_path, common);
  std::vector<std::size_t> cells;
  for (const std::string& target : targets) cells.push_back(cell_named(model.data(), target));
  input.allow_absent(targets);
  input.open(model.data());
  std::vector<ResultColumn> columns = keep.columns(input.table());
  Dataset data = input.read(model.data());
  const auto D = static_cast<std::size_t>(data.dimensions());
  for (std::size_t row = 0; row < static_cast<std::size_t>(data.size()); ++row)
    for (const std::size_t d : cells) data.values.as<float>()[row * D + d] = kMissing;
  const Imputation result = model.impute(data, impute);

  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::string name = targets[i];
    for (const ResultColumn& kept : columns)
      if (kept.field.name == name) name = "predicted:" + targets[i];
    Field field =
        model.data()
            .schema.columns[static_cast<std::size_t>(model.data().schema.find(targets[i]))]
            .field;
    field.name = name;
    columns.push_back({field, cells_of(model.data(), result.values.as<double>(), cells[i])});
    if (!impute.uncertainty) continue;
    std::vector<double> values;
    for (std::size_t at = cells[i]; at < static_cast<std::size_t>(result.uncertainty.size());
         at += D)
      values.push_back(result.uncertainty.as<double>()[at]);
    columns.push_back(real_numbers("uncertainty:" + targets[i], std::move(values)));
  }
  output.write(columns, data.size(), input.table(), common);
  say_effective(holes_of(data), result);
  return 0;
}

}  // namespace diabolo::cli
