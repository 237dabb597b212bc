#include <diabolo/prob/mixture.h>
#include <diabolo/prob/normal.h>
#include <diabolo/prob/prior.h>

namespace diabolo {
namespace {

class Standard final : public Prior {
 public:
  Var log_prob(const Scope&, Var z) const override {
    return sum(-0.5 * square(z) - 0.5 * kLogTwoPi, {-1});
  }
  Var sample(const Scope& scope, std::int64_t rows, std::int64_t latent) const override {
    return scope.normal({rows, latent}, "noise");  // [B, Z]
  }
  Var kl(const Scope&, const PosteriorBatch& q) const override {
    return q.is_normal() ? normal_kl_standard(q.mean(), q.log_std()) : Var();
  }
};

}  // namespace

void Prior::fit(std::span<const float>, std::int64_t, std::uint64_t, const std::function<bool()>&,
                ThreadPool&, const SetState&) const {}

ComponentTable<Prior> priors() {
  return {"prior",
          {{"standard",
            "standard normal",
            {},
            [](const Settings&) { return std::make_unique<Standard>(); }},
           mixture_prior()}};
}

}  // namespace diabolo
