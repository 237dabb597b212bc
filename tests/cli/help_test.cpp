#include "cli/command.h"

namespace diabolo {
namespace {

constexpr const char* kVerbs[] = {"fit",         "evaluate", "encode", "decode",
                                  "reconstruct", "sample",   "report", "info"};

TEST(Help, of_every_verb_teaches_and_shows_an_example) {
  const Workplace w;
  for (const std::string verb : kVerbs) {
    const std::string text = w.succeed(verb + " --help").out;
    for (const std::string& part :
         {"diabolo " + verb + ": ", "usage: diabolo " + verb + " ",
          std::string("\nexample:\n  diabolo "), std::string("--json"), std::string("--quiet"),
          std::string("--seed N"), std::string("--threads N"), std::string("(default: ")})
      EXPECT_NE(text.find(part), std::string::npos) << verb << ": " << part;
    EXPECT_EQ(w.succeed(verb + " -h").out, text);
    EXPECT_EQ(w.succeed(verb + " whatever --help").out, text);
    EXPECT_NE(w.succeed("--help").out.find("  " + verb + " "), std::string::npos);
  }
}

TEST(Help, docs_show_what_the_command_says) {
  const Workplace w;
  const std::string docs = bytes_of(fixture("../../docs/command-line.md"));
  for (const std::string verb : kVerbs)
    EXPECT_NE(docs.find("```\n" + w.run(verb + " --help").out + "```\n"), std::string::npos)
        << verb << ": run scripts/write_command_line_docs";
}

TEST(Help, lists_presets_and_components) {
  const Workplace w;
  const std::string presets = w.succeed("fit --model help").out;
  EXPECT_EQ(std::count(presets.begin(), presets.end(), '\n'), 4);
  EXPECT_NE(presets.find("beta-vae "), std::string::npos);
  EXPECT_NE(presets.find("(Kingma & Welling, 2014)"), std::string::npos);
  EXPECT_NE(w.succeed("fit --prior help").out.find("--prior.components"), std::string::npos);
  EXPECT_NE(w.succeed("fit --likelihood help").out.find("bernoulli"), std::string::npos);
}

TEST(Help, the_version_is_a_line) {
  const Workplace w;
  EXPECT_TRUE(w.succeed("--version").out.starts_with("diabolo "));
}

}  // namespace
}  // namespace diabolo
