// encode MODEL DATA: latent means of rows, or draws of their posterior.
#include <diabolo/cli/input.h>
#include <diabolo/cli/keep.h>
#include <diabolo/cli/output.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/data/csv.h>

namespace diabolo::cli {
namespace {

/// Columns of codes drawn several times: draw0.z0, draw0.z1, ..., draw1.z0, ...
std::vector<std::string> draw_columns(std::int64_t draws, std::int64_t latent) {
  std::vector<std::string> names;
  for (std::int64_t k = 0; k < draws; ++k)
    for (std::int64_t z = 0; z < latent; ++z) names.push_back(fmt::format("draw{}.z{}", k, z));
  return names;
}

}  // namespace

int encode(Arguments arguments) {
  std::string model_path;
  Input input;
  std::int64_t draws = 0;
  Common common;
  Output output;
  Keep keep;
  Options options({.verb = "encode",
                   .purpose = std::string(purpose("encode")),
                   .usage = "MODEL DATA [-o OUT] [options]",
                   .details = "A row's code is the mean of its posterior q(z|x): a point of the "
                              "latent space, a column z0,\nz1, ... for each dimension.",
                   .example = "  diabolo encode runs/first test.npy -o codes.npy   # [rows, latent]"
                              "\n  diabolo encode runs/first test.npy > codes.csv"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  input.add_to(options, true);
  output.add_to(options, "where codes go: .npy, .csv, .tsv, .parquet, .jsonl");
  keep.add_to(options);
  options.option(
      {.name = "draws",
       .placeholder = "K",
       .help = "K samples of each row's posterior instead of its mean: [rows, K, latent]"},
      into(draws, 1, 1000000));
  options.common(common);
  if (!options.parse(arguments)) return 0;
  output.check_usage(common);
  keep.check_usage(output);

  const Model model = load_model(model_path, common);
  const std::int64_t Z = model.latent();
  output.check_rows(Shape{std::max<std::int64_t>(draws, 1) * Z});  // one axis: never a picture
  input.open(model.data());
  std::vector<ResultColumn> columns = keep.columns(input.table());
  const Dataset data = input.read(model.data());
  const std::int64_t N = data.size();
  const Tensor codes = draws == 0
                           ? model.encode(data, common.seed)
                           : model.encode_draws(data, draws, common.seed).reshaped({N, draws * Z});
  const std::vector<std::string> names =
      draws == 0 ? numbered_columns(Z, "z") : draw_columns(draws, Z);
  if (!keep.any()) {
    output.write(codes, draws == 0 ? Shape{Z} : Shape{draws, Z}, names, "z", {}, common);
    return 0;
  }
  for (ResultColumn& column : number_columns(codes, names)) columns.push_back(std::move(column));
  output.write(columns, N, input.table(), common);
  return 0;
}

}  // namespace diabolo::cli
