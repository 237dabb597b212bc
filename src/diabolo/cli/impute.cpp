// impute MODEL DATA: missing values filled in, the others untouched.
#include <diabolo/cli/completion.h>
#include <diabolo/cli/verbs.h>

#include <filesystem>

namespace diabolo::cli {
namespace {

/// "out.csv" to "out-3.csv".
std::string numbered(const std::string& path, std::int64_t number) {
  std::filesystem::path file(path);
  const std::string ending = file.extension().string();
  file.replace_extension();
  return fmt::format("{}-{}{}", file.string(), number, ending);
}

}  // namespace

int impute(Arguments arguments) {
  std::string model_path;
  Input input;
  ImputeOptions impute;
  Common common;
  Output output;
  Options options(
      {.verb = "impute",
       .purpose = std::string(purpose("impute")),
       .usage = "MODEL DATA -o OUT [options]",
       .details =
           "Numbers become their mean given the other values of the row, categories the most "
           "likely one, from\nweighted draws of the code (Mattei & Frellsen, 2019). Values "
           "that are there stay as they stand.",
       .example =
           "  diabolo impute runs/first holes.csv -o whole.csv\n"
           "  diabolo impute runs/first holes.csv -o whole.csv --draws 5   # whole-1.csv, ..."});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  input.add_to(options, true);
  output.add_to(options, "where rows go: .csv, .tsv, .parquet, .jsonl; of arrays also .npy");
  add_completion(options, impute);
  options.option(
      {.name = "draws",
       .placeholder = "K",
       .help = "K files instead, with values drawn rather than averaged: OUT-1, OUT-2, ... "
               "(multiple imputation); of arrays one [rows, K, ...]"},
      into(impute.draws, 1, 10000));
  options.common(common);
  if (!options.parse(arguments)) return 0;
  output.check_usage(common);
  impute.seed = common.seed;

  const Model model = load_model(model_path, common);
  if (impute.draws > 0 && output.path().empty() && !model.data().schema.empty())
    throw UsageError("expected -o OUT together with --draws, got none; each draw is a file");
  const Dataset data = input.read(model.data());
  const Imputation result = model.impute(data, impute);
  const std::int64_t N = data.size();
  const std::vector<bool> holes = holes_of(data, input.notes());
  if (!input.table()) {
    Tensor rows = impute.draws > 0 ? as_f32(result.draws) : as_f32(result.values);
    const Shape shape = impute.draws > 0 ? Shape{impute.draws, data.dimensions()} : data.row_shape;
    output.write(std::move(rows).reshaped({N, shape.size()}), shape, {}, "c",
                 picture_range(model.data()), common);
  } else if (impute.draws == 0) {
    auto columns = filled_columns(model.data(), *input.table(), holes, result.values.as<double>());
    for (ResultColumn& column : uncertainty_columns(model.data(), holes, result))
      columns.push_back(std::move(column));
    output.write(columns, N, input.table(), common);
  } else {
    for (std::int64_t k = 0; k < impute.draws; ++k)
      output.write(numbered(output.path(), k + 1),
                   filled_columns(model.data(), *input.table(), holes, draw_of(result.draws, k)), N,
                   input.table());
    say(fmt::format("{} files of {} rows: {}, ...", impute.draws, grouped(N),
                    numbered(output.path(), 1)));
  }
  say_effective(holes, result);
  return 0;
}

}  // namespace diabolo::cli
