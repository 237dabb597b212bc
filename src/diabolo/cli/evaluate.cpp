// evaluate MODEL DATA: the numbers by which models are compared.
#include <diabolo/cli/input.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/report/evaluation.h>

#include <cmath>
#include <limits>

namespace diabolo::cli {
namespace {

std::string as_table(const Evaluation& e, std::int64_t latent) {
  std::string table;
  const auto row = [&](std::string_view name, const std::string& value, std::string_view meaning) {
    table += fmt::format("{:<15}{:>12}  {}\n", name, value, meaning);
  };
  const auto number = [](double x) { return fmt::format("{:.6g}", x); };
  row("rows", grouped(e.rows), fmt::format("of {} dimensions", as_json(e)["dimensions"].dump()));
  if (e.elbo) row("elbo", number(*e.elbo), "nats a row, log_px - kl: log p(x) is at least this");
  row("log_px", number(e.log_px), "log p(x|z) at a draw of the code: the reconstruction");
  if (e.kl) row("kl", number(*e.kl), "nats a row that the codes carry");
  row("loss", number(e.loss), "what training minimises");
  if (e.nll)
    row("nll", number(*e.nll),
        fmt::format("-log p(x) from {} draws a row, +- {:.2g}", e.samples,
                    e.nll_standard_error.value_or(std::numeric_limits<double>::quiet_NaN())));
  if (e.nll_discrete && e.nll_continuous) {
    row("nll_discrete", number(*e.nll_discrete), "of it, log mass: categories, whole numbers, ...");
    row("nll_continuous", number(*e.nll_continuous), "of it, log density, given those");
  }
  if (e.bits_per_dim) row("bits_per_dim", number(*e.bits_per_dim), "nll in bits a dimension");
  row("active_units", grouped(e.active_units), fmt::format("of {} latent dimensions", latent));
  if (e.mse) row("mse", number(*e.mse), "of the reconstruction, in the data's own units squared");
  return table;
}

}  // namespace

int evaluate(Arguments arguments) {
  std::string model_path;
  Input input;
  std::int64_t samples = 1;
  Common common;
  Options options({.verb = "evaluate",
                   .purpose = std::string(purpose("evaluate")),
                   .usage = "MODEL DATA [options]",
                   .details = "Means over rows, in nats on the data's own scale. The bound (elbo) "
                              "takes one draw a row; with\n--samples the likelihood itself is "
                              "estimated by importance weighting (Burda et al., 2016).",
                   .example = "  diabolo evaluate runs/first test.npy\n"
                              "  diabolo evaluate runs/first test.npy --samples 100 --json"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  input.add_to(options, true);
  options.option({.name = "samples",
                  .placeholder = "K",
                  .help = "draws a row for nll; with 1 only the bound is known",
                  .fallback = "1"},
                 into(samples, 1, 1000000));
  options.common(common);
  if (!options.parse(arguments)) return 0;

  const Model model = load_model(model_path, common);
  const Evaluation e =
      model.evaluate(input.read(model.data()), {.samples = samples, .seed = common.seed});
  if (common.json)
    print_json(as_json(e));
  else
    print(as_table(e, model.latent()));
  return 0;
}

}  // namespace diabolo::cli
