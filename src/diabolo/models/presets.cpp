#include <diabolo/models/presets.h>

namespace diabolo {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> list = {
      {"ae",
       "autoencoder; sampled from a mixture of normals fitted to its codes (Ghosh et al., 2020)",
       {.posterior = {"deterministic", {}},
        .prior = {"mixture", {}},
        .objective = {"reconstruction", {}}}},
      {"vae", "variational autoencoder (Kingma & Welling, 2014)", {}},
      {"beta-vae",
       "KL weighted by beta, 4 unless --beta says otherwise (Higgins et al., 2017)",
       {.objective = {"elbo", {{"beta", 4.0}}}}},
      {"constrained-vae",
       "the best reconstruction with KL <= --kl-limit, 10 nats by default (after Rezende & Viola, "
       "2018)",
       {.objective = {"constrained", {}}}},
  };
  return list;
}

const Preset& preset(const std::string& name) {
  std::vector<std::string> names;
  for (const Preset& known : presets()) {
    if (known.name == name) return known;
    names.push_back(known.name);
  }
  fail(ErrorCode::invalid_argument, "model", "expected the name of a model, got '{}'{}", name,
       suggestion(name, names));
}

}  // namespace diabolo
