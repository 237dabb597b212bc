#include <diabolo/nn/dense.h>
#include <diabolo/nn/network.h>

namespace diabolo {
namespace {

class Mlp final : public Network {
 public:
  explicit Mlp(const Settings& settings)
      : widths_(parse_widths("hidden", settings.at("hidden"))),
        activation_(activation(std::get<std::string>(settings.at("activation")))) {
    constexpr std::size_t kMostLayers = 64;
    check(widths_.size() <= kMostLayers, ErrorCode::invalid_argument, "hidden",
          "expected at most {} layers, got {}", kMostLayers, widths_.size());
  }
  Var features(const Scope& scope, const Features& x) const override {
    return mlp(scope, x, widths_, activation_);
  }

 private:
  std::vector<std::int64_t> widths_;
  Activation activation_;
};

}  // namespace

ComponentTable<Network> networks() {
  return {"network",
          {{"mlp",
            "dense layers",
            {{.name = "hidden", .help = "widths of the layers", .fallback = "64", .widths = true},
             {.name = "activation",
              .help = "what follows each layer",
              .fallback = "relu",
              .words = activation_names()}},
            [](const Settings& settings) { return std::make_unique<Mlp>(settings); }}}};
}

}  // namespace diabolo
