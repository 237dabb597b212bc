// encode MODEL DATA: latent means of rows, or draws of their posterior.
#include <diabolo/cli/input.h>
#include <diabolo/cli/output.h>
#include <diabolo/cli/verbs.h>

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
  Options options({.verb = "encode",
                   .purpose = std::string(purpose("encode")),
                   .usage = "MODEL DATA [-o OUT] [options]",
                   .details = "A row's code is the mean of its posterior q(z|x): a point of the "
                              "latent space, a column z0,\nz1, ... for each dimension.",
                   .example = "  diabolo encode runs/first test.npy -o codes.npy   # [rows, latent]"
                              "\n  diabolo encode runs/first test.npy > codes.csv"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  input.add_to(options, true);
  output.add_to(options, "where codes go: .npy or .csv");
  options.option(
      {.name = "draws",
       .placeholder = "K",
       .help = "K samples of each row's posterior instead of its mean: [rows, K, latent]"},
      into(draws, 1, 1000000));
  options.common(common);
  if (!options.parse(arguments)) return 0;
  output.check_usage(common);

  const Model model = load_model(model_path, common);
  const std::int64_t Z = model.latent();
  output.check_rows(Shape{std::max<std::int64_t>(draws, 1) * Z});  // one axis: never a picture
  const Dataset data = input.read(model.data());
  if (draws == 0) {
    output.write(model.encode(data, common.seed), Shape{Z}, {}, "z", {}, common);
  } else {
    Tensor codes = model.encode_draws(data, draws, common.seed);
    output.write(std::move(codes).reshaped({data.size(), draws * Z}), Shape{draws, Z},
                 draw_columns(draws, Z), "z", {}, common);
  }
  return 0;
}

}  // namespace diabolo::cli
