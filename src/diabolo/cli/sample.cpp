// sample MODEL -n N: new rows.
#include <diabolo/cli/output.h>
#include <diabolo/cli/verbs.h>

#include <limits>

namespace diabolo::cli {

int sample(Arguments arguments) {
  std::string model_path;
  std::int64_t count = 0;
  bool mean = false;
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
  options.flag("mean", "means of the likelihood instead of draws: smoother pictures", mean);
  options.common(common);
  if (!options.parse(arguments)) return 0;
  if (count == 0) throw UsageError("expected -n N, the number of rows, got none; e.g. -n 64");
  output.check_usage(common);

  const Model model = load_model(model_path, common);
  output.check_rows(model.data().row_shape);
  const Dataset rows = model.sample(count, {.seed = common.seed, .mean = mean});
  output.write(rows.values, rows.row_shape, rows.columns, "c", picture_range(model.data()), common);
  return 0;
}

}  // namespace diabolo::cli
