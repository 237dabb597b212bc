// Every preset and every entry of every component table keeps what the tables promise.
#include <diabolo/models/presets.h>
#include <gtest/gtest.h>

namespace diabolo {
namespace {

// f(table, entry) for every entry of every table.
template <class F>
void for_each_entry(F&& f) {
  const Components c;
  const auto visit = [&](const auto& table) {
    for (const auto& entry : table.entries()) f(table, entry);
  };
  visit(c.networks);
  visit(c.posteriors);
  visit(c.priors);
  visit(c.likelihoods);
  visit(c.objectives);
}

template <class F>
std::string message(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.message();
  }
  return "no error";
}

TEST(tables, defaults_of_every_entry_are_settings_that_it_accepts) {
  for_each_entry([](const auto& table, const auto& entry) {
    const ComponentChoice full = table.complete({entry.name, {}});
    EXPECT_EQ(full.settings.size(), entry.settings.size());
    EXPECT_EQ(table.complete(full), full);
    EXPECT_NE(table.make(full), nullptr) << entry.name;
    EXPECT_FALSE(entry.summary.empty());
    for (const SettingInfo& info : entry.settings) EXPECT_FALSE(info.help.empty()) << info.name;
  });
}

TEST(tables, settings_out_of_bounds_are_refused_by_name_and_bounds) {
  for_each_entry([](const auto& table, const auto& entry) {
    for (const SettingInfo& info : entry.settings) {
      const auto refusal = [&](const Setting& value) {
        return message([&] { table.complete({entry.name, {{info.name, value}}}); });
      };
      if (info.widths) {
        EXPECT_NE(refusal("0").find("whole numbers"), std::string::npos);
        continue;
      }
      EXPECT_NE(refusal("no-such-word").find(info.name), std::string::npos);
      if (info.low == info.high) continue;
      for (const double bad : {info.low - 1, info.high * 2, -info.high})
        EXPECT_EQ(refusal(bad), fmt::format("expected {} between {} and {}, got {}", info.name,
                                            info.low, info.high, bad));
      table.complete({entry.name, {{info.name, info.low}}});
      table.complete({entry.name, {{info.name, info.high}}});
    }
  });
}

TEST(tables, unknown_settings_name_the_nearest) {
  for_each_entry([](const auto& table, const auto& entry) {
    for (const SettingInfo& info : entry.settings) {
      const std::string text =
          message([&] { table.complete({entry.name, {{info.name + "x", 1.0}}}); });
      EXPECT_NE(text.find("did you mean '" + info.name + "'"), std::string::npos) << text;
    }
    if (!entry.settings.empty()) return;
    const std::string text = message([&] { table.complete({entry.name, {{"any", 1.0}}}); });
    EXPECT_NE(text.find("it has none"), std::string::npos) << text;
  });
}

TEST(tables, every_preset_can_be_built) {
  for (const Preset& p : presets()) {
    const Composition full = complete(p.composition, {});
    EXPECT_EQ(complete(full, {}), full);
    const Vae vae(full, {}, 5, {});
    EXPECT_EQ(&preset(p.name), &p);
    EXPECT_FALSE(p.summary.empty());
  }
  EXPECT_NE(message([] { preset("beta_vae"); }).find("did you mean 'beta-vae'"), std::string::npos);
}

TEST(tables, composition_that_cannot_be_is_refused) {
  Composition c;
  c.posterior = {"deterministic", {}};
  EXPECT_NE(message([&] { Vae(complete(c, {}), {}, 5, {}); }).find("--posterior gaussian"),
            std::string::npos);
  c = {};
  c.latent = 0;
  EXPECT_NE(message([&] { Vae(complete(c, {}), {}, 5, {}); }).find("--latent"), std::string::npos);
}

}  // namespace
}  // namespace diabolo
