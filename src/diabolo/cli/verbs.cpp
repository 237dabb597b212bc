#include <diabolo/cli/verbs.h>

#include <array>

namespace diabolo::cli {

std::span<const Verb> verbs() {
  static constexpr std::array<Verb, 11> list = {{
      {"fit", "learn the distribution of data", fit},
      {"evaluate", "how good a model is on data", evaluate},
      {"encode", "rows to latent codes", encode},
      {"decode", "latent codes to rows", decode},
      {"reconstruct", "rows to codes and back", reconstruct},
      {"sample", "new rows from a model", sample},
      {"score", "how unlike the training data each row is", score},
      {"impute", "missing values filled in", impute},
      {"predict", "a column from the others", predict},
      {"report", "a page that shows a run at a glance", report},
      {"info", "what is in a model or in data", info},
  }};
  return list;
}

std::string_view purpose(std::string_view verb) {
  for (const Verb& known : verbs())
    if (known.name == verb) return known.purpose;
  return "";
}

Model load_model(const std::string& path, const Common& common) {
  Model model = load(path);
  model.set_threads(common.threads);
  return model;
}

}  // namespace diabolo::cli
