#include "cli/command.h"

namespace diabolo {
namespace {

TEST(Config, a_runs_own_config_repeats_the_run) {
  const Workplace w;
  const std::string options[] = {
      "--latent 3 --hidden 9,5 --decoder-hidden 4 --activation silu --beta 0.5 --scale none",
      "--model ae --prior.components 2 --likelihood normal --likelihood.scale 0.25",
      "--model constrained-vae --kl-limit 2 --optimizer adamw --schedule linear --valid 0.2",
      "--kl-limit 3 --decoder.activation tanh --seed 18446744073709551615 --patience 0",
      "--model beta-vae --objective.beta 2.5 --likelihood.per all --learning-rate 1e-05"};
  int i = 0;
  for (const std::string& option : options) {
    const std::string a = fmt::format("a{}", ++i), b = fmt::format("b{}", i);
    w.succeed("fit rows.npy -o " + a + " --epochs 2 --quiet " + option);
    w.succeed("fit rows.npy -o " + b + " --quiet --config " + a + "/config.toml");
    EXPECT_EQ(bytes_of(w.path(a + "/model.safetensors")),
              bytes_of(w.path(b + "/model.safetensors")))
        << option;
    EXPECT_EQ(bytes_of(w.path(a + "/config.toml")), bytes_of(w.path(b + "/config.toml")));
  }
}

TEST(Config, tables_are_components_and_lists_are_widths) {
  const Workplace w;
  put(w, "c.toml",
      "epochs = 2\nhidden = [7, 5]\nlearning-rate = 1\nmodel = \"ae\"\n"
      "[prior]\ntype = \"mixture\"\ncomponents = 4\n");
  w.succeed("fit rows.npy -o run --quiet --config c.toml --learning-rate 0.01");
  const auto info = w.succeed("info run --json").json();
  EXPECT_EQ(info["composition"]["encoder"]["hidden"], "7,5");
  EXPECT_EQ(info["composition"]["prior"]["components"], 4.0);
  EXPECT_EQ(info["settings"]["learning-rate"], "0.01");
}

TEST(Config, the_command_line_wins_with_all_that_hangs_on_it) {
  const Workplace w;
  w.succeed("fit rows.npy -o ae --epochs 2 --quiet --model ae --hidden 9 --prior.components 3");
  w.succeed("fit rows.npy -o vae --quiet --config ae/config.toml --model vae --hidden 6");
  w.succeed("fit rows.npy -o plain --quiet --epochs 2 --hidden 6");
  auto parts = w.succeed("info vae --json").json()["composition"];
  EXPECT_EQ(parts["prior"], w.succeed("info plain --json").json()["composition"]["prior"]);
  EXPECT_EQ(parts["objective"]["type"], "elbo");
  EXPECT_EQ(parts["decoder"]["hidden"], "6");
  w.succeed("fit rows.npy -o limit --quiet --config vae/config.toml --kl-limit 2");
  w.succeed("fit rows.npy -o beta --quiet --config limit/config.toml --beta 3");
  EXPECT_EQ(w.succeed("info limit --json").json()["composition"]["objective"]["limit"], 2.0);
  EXPECT_EQ(w.succeed("info beta --json").json()["composition"]["objective"]["beta"], 3.0);
}

TEST(Config, what_cannot_be_is_refused) {
  const Workplace w;
  const auto refuse = [&](int code, const std::string& text, const std::string& part) {
    put(w, "c.toml", text);
    w.refuse(code, "fit rows.npy -o run --config c.toml", part);
  };
  refuse(2, "epocs = 3\n", "got 'epocs'; did you mean 'epochs'?");
  refuse(2, "[prior]\ncomponent = 3\n", "did you mean 'prior.components'?");
  refuse(2, "[priors]\ntype = 'mixture'\n", "did you mean 'prior'?");
  refuse(2, "epochs = 'many'\n", "for epochs in 'c.toml', got 'many'");
  refuse(2, "epochs = 1.5\n", "expected a whole number");
  refuse(2, "epochs = true\n", "got a true or false");
  refuse(2, "learning-rate = nan\n", "expected a finite number for learning-rate");
  refuse(2, "overwrite = 1\n", "got 'overwrite'");
  refuse(2, "epochs = \n", "line 1");
  refuse(2, "\"a\\n\\u001b\" = 1\n", "got 'a?\?'");
  refuse(2, "epochs = '\xff'\n", "line 1");
  std::string deep = "a";
  for (int i = 0; i < 400'000; ++i) deep += ".a";
  refuse(2, deep + " = 1\n", "keys of at most 16 parts in 'c.toml'");
  refuse(2, "[" + deep + "]\n", "keys of at most 16 parts in 'c.toml'");
  std::string quoted = "'a'";
  for (int i = 0; i < 200'000; ++i) quoted += ".\",\"";
  refuse(2, quoted + " = 1\n", "keys of at most 16 parts in 'c.toml'");
  refuse(2, "query = \"\"\"" + deep + "\"\"\"\nepocs = 3 # a.b.c\n", "got 'epocs'");
  refuse(2, "query = '" + deep + "'\nepocs = 3\n", "got 'epocs'");
  w.refuse(1, "fit rows.npy -o run --config none.toml", "none.toml");
}

}  // namespace
}  // namespace diabolo
