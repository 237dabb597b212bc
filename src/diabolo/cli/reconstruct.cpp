// reconstruct MODEL DATA: what a model makes of rows by way of their codes.
#include <diabolo/cli/completion.h>
#include <diabolo/cli/input.h>
#include <diabolo/cli/verbs.h>

namespace diabolo::cli {

int reconstruct(Arguments arguments) {
  std::string model_path;
  Input input;
  Common common;
  Output output;
  Options options({.verb = "reconstruct",
                   .purpose = std::string(purpose("reconstruct")),
                   .usage = "MODEL DATA [-o OUT] [options]",
                   .details = "Each row goes to its mean code and from there to the mean of the "
                              "likelihood, in the data's own\nunits.",
                   .example = "  diabolo reconstruct runs/first test.npy -o seen.png   # one grid\n"
                              "  diabolo reconstruct runs/first test.npy -o seen.npy"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  input.add_to(options, true);
  output.add_to(options, "where rows go: .npy, .csv, .png (one grid), or a folder/ of pictures");
  options.common(common);
  if (!options.parse(arguments)) return 0;
  output.check_usage(common);

  const Model model = load_model(model_path, common);
  output.check_rows(model.data().row_shape);
  const Dataset rows = model.reconstruct(input.read(model.data()), common.seed);
  if (rows.schema) return output.write(columns_of(rows, true), rows.size(), nullptr, common), 0;
  output.write(rows.values, rows.row_shape, rows.columns, "c", picture_range(model.data()), common);
  return 0;
}

}  // namespace diabolo::cli
