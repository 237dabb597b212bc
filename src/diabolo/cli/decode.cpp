// decode MODEL LATENT: codes back to the data's space.
#include <diabolo/cli/completion.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/data/read.h>
#include <diabolo/data/source.h>

namespace diabolo::cli {
namespace {

/// Codes [N, Z] of an array whose last axis is Z, whatever its type: one code, rows of codes, or
/// several draws for each row.
Tensor codes_of(Tensor array, std::int64_t Z, const std::string& path) {
  const Shape shape = array.shape();
  const bool fits = shape.rank() >= 1 && shape.size() > 0 &&
                    (shape.dims().back() == Z || (shape.rank() == 1 && Z == 1));
  check(fits, ErrorCode::shape, "decode",
        "expected codes of {} numbers in {}, got an array of shape {}; use codes of this model", Z,
        in_quotes(path), shape);
  return as_floats(array).reshaped({shape.size() / Z, Z});
}

}  // namespace

int decode(Arguments arguments) {
  std::string model_path, codes_path;
  bool draw = false;
  Common common;
  Output output;
  Options options({.verb = "decode",
                   .purpose = std::string(purpose("decode")),
                   .usage = "MODEL LATENT [-o OUT] [options]",
                   .details = "",
                   .example = "  diabolo encode runs/first test.npy -o codes.npy\n"
                              "  diabolo decode runs/first codes.npy -o back.npy   # means, f32"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  options.argument("LATENT", "codes [rows, latent], an array or a table: what encode wrote",
                   codes_path);
  output.add_to(options, "where rows go: .npy, .csv, .png (one grid), or a folder/ of pictures");
  options.flag("draw", "samples of the likelihood instead of its means", draw);
  options.common(common);
  if (!options.parse(arguments)) return 0;
  output.check_usage(common);

  const Model model = load_model(model_path, common);
  output.check_rows(model.data().row_shape);
  const Tensor codes = codes_of(read_array(codes_path), model.latent(), codes_path);
  const Dataset rows = model.decode(codes, draw, common.seed);
  if (rows.schema) return output.write(columns_of(rows, !draw), rows.size(), nullptr, common), 0;
  output.write(rows.values, rows.row_shape, rows.columns, "c", picture_range(model.data()), common);
  return 0;
}

}  // namespace diabolo::cli
